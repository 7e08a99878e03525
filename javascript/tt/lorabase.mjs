// @ts-check
// The checkpoint that some kinds of LoRA files are reckoned with: asked for where a chosen file needs it.
import {h} from "./dom.mjs";
import {modelElement} from "./loraextra.mjs";
import {inspectFile} from "./lorafiles.mjs";
import {t} from "./words.mjs";

const NEEDING = ["resize", "blocks", "merge"];

export class LoraBase {
    constructor() {
        this.value = "";
        /** @type {Map<string, Promise<boolean>>} whether a file needs it, by file */
        this.asked = new Map();
        this.shown = 0; // counts what was asked for, so that a late answer is passed over
        const field = modelElement(t("Base checkpoint"), "", (value) => (this.value = value), t("title or path; empty is this version's")); // prettier-ignore
        field.querySelector("input")?.setAttribute("data-setting", "tool_base");
        this.element = h("div", {class: "tt-field tt-lora-base", id: "train_tools_tool_base", hidden: true},
            field, h("p", {class: "tt-fine"}, t("What DoRA and (IA)3 change depends on the weights that they were trained on.")),
            h("div", {class: "tt-problem"})); // prettier-ignore
    }

    /** @param {string} tool @param {string[]} files that it is made of */
    async show(tool, files) {
        const mine = ++this.shown,
            needs = NEEDING.includes(tool) ? await Promise.all(files.filter(Boolean).map((file) => this.needs(file))) : []; // prettier-ignore
        if (mine === this.shown) this.element.hidden = !needs.some(Boolean);
    }

    /** @param {string} file */
    needs(file) {
        if (!this.asked.has(file))
            this.asked.set(
                file,
                inspectFile(file).then(needing, () => false),
            );
        return /** @type {Promise<boolean>} */ (this.asked.get(file));
    }

    /** What a wish has of it. @returns {{base?: string}} */
    wish = () => (this.element.hidden ? {} : {base: this.value.trim()});
}

/** @param {any} facts of a file, or an error */
const needing = (facts) => Boolean(facts && facts.needs_base);
