// @ts-check
// Files are sent in parts, and can be called back: then nothing of them stays.
import * as api from "./api.mjs";
import {partsOf} from "./files.mjs";
import {Line, toldElsewhere} from "./lasting.mjs";
import {here, samePlace} from "./state.mjs";
import {nothingTaken, takenEnding, together} from "./worked.mjs";
import {cancelWork, workEnded} from "./works.mjs";
import {t} from "./words.mjs";

const LOOK_MS = 400;

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {Record<string, any>} Facts what files from no set's folder become */

/** One upload. */
class Sending {
    /** @param {Place} of @param {any[]} sent @param {Facts} facts @param {number} out so many were left out before */
    constructor(of, sent, facts, out) {
        this.of = of;
        this.sent = sent;
        this.facts = facts;
        this.all = nothingTaken();
        this.all.left_out = out;
        this.done = this.before = 0; // files that are there; the newest work when it began
        this.work = /** @type {any} what the server does with the part that is on its way */ (null);
        this.ended = this.cancelled = false;
        this.way = new AbortController();
        this.line = new Line("upload", () => this.cancel());
    }

    /** @returns {Promise<any>} the error that ended it; null for none */
    async send() {
        this.show();
        this.before = (await this.imports())[0]?.number || 0;
        this.watch();
        let error = null;
        for (const part of partsOf(this.sent)) {
            if (this.cancelled || error) break;
            const found = await this.part(part);
            if (found.error) error = found.error;
            else if (found.cancelled) this.cancelled = true;
            else this.all = together(this.all, found);
            this.done += part.length;
        }
        for (const work of await this.imports()) toldElsewhere.add(work.number);
        this.ended = true;
        if (this.cancelled) await this.takeBack();
        if (!samePlace(this.of, here())) this.all.edit = 0; // Undo would be the other version's
        if (this.cancelled) this.line.end({words: t("Cancelled: nothing was added.")});
        else if (error && !this.all.kept) this.line.remove();
        else this.line.end(takenEnding(this.all));
        return this.cancelled ? null : error;
    }

    /** @param {any[]} part */
    async part(part) {
        const form = new FormData();
        for (const {file, path} of part) {
            form.append("files", file);
            form.append("paths", path);
        }
        for (const [name, value] of Object.entries({...this.facts, edit: this.all.edit})) form.append(name, `${value}`);
        const cut = t("The upload was cut off; drop the files again.");
        return (await api.upload(this.of, form, this.way.signal)) || {error: {message: cut, problems: []}};
    }

    /** Imports into the version that began later than this upload, newest first. */
    async imports() {
        const found = await api.ask("GET", api.below(this.of, "works")).catch(() => null);
        return ((found && found.works) || []).filter((/** @type {any} */ one) => one.kind === "import" && one.number > this.before); // prettier-ignore
    }

    async watch() {
        while (!this.ended) {
            await new Promise((later) => setTimeout(later, LOOK_MS));
            this.work = (await this.imports()).find((/** @type {any} */ one) => !one.ended) || null;
            if (!this.ended && !this.cancelled) this.show();
            if (this.cancelled && this.work) await cancelWork(this.of, this.work.number).catch(() => null);
        }
    }

    show() {
        const {work, sent, done} = this;
        if (!work) return this.line.show(t("Uploading pictures"), done, sent.length);
        const whole = work.total > sent.length; // of an archive
        this.line.show(t("Checking and converting pictures"), whole ? work.done : Math.min(done + work.done, sent.length), whole ? work.total : sent.length); // prettier-ignore
    }

    cancel() {
        this.cancelled = true;
        this.line.show(t("Cancelling..."));
        if (!this.work) this.way.abort(); // else its answer says that nothing is left of it
    }

    /** What came before it was cancelled goes again, and what the server is still at. */
    async takeBack() {
        let {edit} = this.all;
        await new Promise((later) => setTimeout(later, LOOK_MS));
        for (const work of await this.imports()) {
            if (!work.ended) await cancelWork(this.of, work.number).catch(() => null);
            const last = await workEnded(this.of, work, () => {});
            edit ||= (last && last.result && last.result.edit) || 0;
        }
        if (edit) await api.undoEdit(this.of, edit).catch(() => null);
    }
}

/** Sends files, and says what came of them. @param {Place} of @param {any[]} sent @param {Facts} facts
 * @param {number} out @returns {Promise<any>} the error that ended it; null for none */
export async function sendFiles(of, sent, facts, out) {
    if (!sent.length) {
        new Line("upload").end(takenEnding({...nothingTaken(), left_out: out}));
        return null;
    }
    return new Sending(of, sent, facts, out).send();
}
