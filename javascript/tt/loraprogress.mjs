// @ts-check
// How far a tool on LoRA files is, and what came of it.
import * as api from "./api.mjs";
import {showCheckpoints} from "./checkpoints.mjs";
import {h} from "./dom.mjs";
import {TOOL_WORKS} from "./lorakinds.mjs";
import {newestToolWork} from "./lorafiles.mjs";
import {resultElement} from "./loraresult.mjs";
import {poll} from "./poll.mjs";
import {here, samePlace} from "./state.mjs";
import {fill, t} from "./words.mjs";
import {cancelWork, workEnded} from "./works.mjs";

/** @typedef {import("./state.mjs").Place} Place */

export class LoraProgress {
    /** @param {{made: () => void, look: (file: string) => void}} page is told of a new file, and shows one
     * @param {(found: any) => void} refuse says why something was not done */
    constructor(page, refuse) {
        this.page = page;
        this.refuse = refuse;
        this.far = h("div", {class: "tt-last", hidden: true});
        this.result = h("div", {role: "status"});
        this.element = h("div", {class: "tt-lora-progress"}, this.far, this.result);
    }

    /** What goes on, or was done last in the chosen version. */
    async recall() {
        const of = here(),
            work = await newestToolWork(of);
        this.result.replaceChildren();
        this.far.hidden = true;
        if (work && samePlace(of, here())) await this.follow(of, work);
    }

    /** Tell how far a work is, and what came of it. @param {Place} of @param {any} work */
    async follow(of, work) {
        const wasNew = !work.ended,
            ended = await workEnded(of, work, this.bar(of, work));
        if (!samePlace(of, here())) return;
        this.far.hidden = true;
        if (!ended || ended.error) return this.refuse(ended);
        if (ended.result.cancelled)
            return this.result.replaceChildren(h("p", {}, t("Cancelled: nothing was written.")));
        this.result.replaceChildren(resultElement(ended.result), this.acts(ended.result));
        if (!wasNew) return;
        this.page.made();
        showCheckpoints();
    }

    /** Shows how far it is. @param {Place} of @param {any} work */
    bar(of, work) {
        const words = t(TOOL_WORKS[work.kind.replace("tool-", "")]),
            bar = h("progress", {"aria-label": words}),
            far = h("span", {class: "tt-far"});
        const stop = h("button", {class: "tt-button", type: "button", click: () => cancelWork(of, work.number)}, t("Cancel")); // prettier-ignore
        this.far.replaceChildren(h("span", {role: "status"}, words), bar, far, stop);
        this.far.hidden = work.ended;
        this.result.replaceChildren();
        return (/** @type {{done: number, total: number}} */ {done, total}) => {
            far.textContent = total ? fill(t("{} of {}"), done, total) : "";
            if (total) Object.assign(bar, {max: total, value: done});
        };
    }

    /** What can be done with what was made. @param {any} result */
    acts({before, after}) {
        const files = [...before, after].map((/** @type {any} */ one) => one.file);
        const button = (/** @type {string} */ name, /** @type {string} */ words, /** @type {() => any} */ does) =>
            h("button", {class: "tt-button", type: "button", "data-lora": name, click: does}, words);
        if (after.kind === "checkpoint") return "";
        return h("div", {class: "tt-acts"},
            button("preview", t(files.length > 1 ? "Preview both" : "Preview"), () => this.preview(files)),
            button("look", t("Look into the new file"), () => this.page.look(after.file))); // prettier-ignore
    }

    /** @param {string[]} files */
    async preview(files) {
        const found = await api.begin("preview", here(), {checkpoints: files}).catch(() => null);
        if (!found || found.error) this.refuse(found);
        poll();
    }
}
