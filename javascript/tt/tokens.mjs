// @ts-check
// Asking how many tokens a caption has while it is written.
import {countTokens} from "./edits.mjs";
import {here} from "./state.mjs";

const LATER_MS = 150;

/** @typedef {import("./counter.mjs").Counted} Counted */

export class Counting {
    /** @param {(counted: Counted | null, parts: string[]) => void} heard null where nobody can count now */
    constructor(heard) {
        this.heard = heard;
        this.asked = this.timer = 0;
        this.counted = "";
    }

    /** @param {string[]} parts of a line, in their order */
    count(parts) {
        const now = JSON.stringify(parts);
        if (now === this.counted) return;
        this.counted = now;
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.ask(parts), LATER_MS);
    }

    /** @param {string[]} parts */
    async ask(parts) {
        const number = ++this.asked,
            found = await countTokens(here(), parts).catch(() => null);
        if (number === this.asked) this.heard(found && !found.error ? found : null, parts);
    }
}
