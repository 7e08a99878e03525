// @ts-check
// How many pictures would come of a change: asked anew with each change of it, the question before is given up.
import {pictures} from "./api.mjs";
import {whyNot} from "./done.mjs";
import {retouch} from "./retouch.mjs";
import {fill, sentences, t} from "./words.mjs";
import {cancelWork, workEnded} from "./works.mjs";

/** @typedef {{words: string, made?: number, left?: string[], isRefused?: boolean}} Count ``made`` is unknown until it
 * has been counted; ``left`` are sentences on pictures that nothing comes of */

export class Counting {
    /** @param {import("./state.mjs").Place} of @param {(count: Count) => void} tells how far it is, and the end */
    constructor(of, tells) {
        this.of = of;
        this.tells = tells;
        this.asked = 0;
        this.work = 0; // number of the one that counts now
    }

    /** @param {string} action @param {Record<string, any>} told what would be sent */
    async ask(action, told) {
        this.stop();
        const number = this.asked,
            count = action === "masks" ? await this.chosen(told) : await this.dry(action, told);
        if (number === this.asked) this.tells(count);
    }

    stop() {
        if (this.work) cancelWork(this.of, this.work).catch(() => null);
        this.work = 0;
        this.asked++;
    }

    /** @param {string} action @param {Record<string, any>} told @returns {Promise<Count>} */
    async dry(action, told) {
        const number = this.asked,
            begun = await retouch(this.of, action, {...told, dry_run: true}).catch(() => null);
        if (begun && begun.number) {
            if (number === this.asked) this.work = begun.number;
            else cancelWork(this.of, begun.number).catch(() => null);
        }
        const found = await workEnded(this.of, begun, ({done, total}) => {
            if (number === this.asked) this.tells({words: fill(t("Counting: {} of {}"), done, total)});
        });
        if (number === this.asked) this.work = 0;
        if (!found || found.error) return {words: whyNot(found), isRefused: true};
        const {result} = found;
        return {words: countText(result), made: result.made, left: sentences({refused: [], ...result}, "refused")};
    }

    /** How many are meant. @param {Record<string, any>} told @returns {Promise<Count>} */
    async chosen({ids, filter = ""}) {
        const found = ids ? {total: ids.length} : await pictures(this.of, {filter, limit: 0}).catch(() => null);
        if (!found || found.error) return {words: whyNot(found), isRefused: true};
        return {words: fill(t("Of these pictures: {}"), found.total), made: found.total};
    }
}

/** @param {{made: number, pictures: number, examples: string[]}} result */
export function countText({made, pictures: of, examples}) {
    if (!made) return fill(t("Makes nothing of these pictures: {}"), of);
    return fill(t("Makes {} new pictures of {}, such as {}"), made, of, examples[0]);
}
