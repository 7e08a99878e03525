// @ts-check
// What a tool needs beside its settings: further files with their weights, base models, a picture.
import {h} from "./dom.mjs";
import {checkElement, textElement} from "./labelled.mjs";
import {LoraPick} from "./lorapick.mjs";
import {t} from "./words.mjs";

const MODELS = "tt-lora-models";

export class LoraExtra {
    /** @param {string[]} models titles of base models @param {() => void} chosen is told that a further file is another */
    constructor(models, chosen) {
        this.chosen = chosen;
        /** @type {import("./lorafiles.mjs").LoraFile[]} */
        this.files = [];
        /** @type {{pick: LoraPick, weight: any, element: any}[]} further files of a merge */
        this.more = [];
        this.into = this.base = this.tuned = "";
        this.cover = false;
        this.models = h("datalist", {id: MODELS}, models.map((title) => h("option", {value: title}))); // prettier-ignore
        this.weight = weightElement(t("Weight of the file above"));
        this.list = h("div", {class: "tt-lora-more"});
        this.element = h("div", {class: "tt-lora-extra"});
    }

    /** @param {string} tool */
    show(tool) {
        /** @type {Record<string, () => any[]>} */
        const parts = {
            merge: () => [this.weight, this.list,
                h("button", {class: "tt-button", type: "button", "data-lora": "add", click: () => this.add()}, t("Add a file")),
                modelElement(t("Put them into a copy of this checkpoint"), this.into, (value) => (this.into = value), t("empty makes a LoRA"))],
            extract: () => [
                modelElement(t("Base model"), this.base, (value) => (this.base = value), t("title, or path of a .safetensors or .ckpt file")),
                modelElement(t("Checkpoint that was trained further"), this.tuned, (value) => (this.tuned = value), t("title, or path of a .safetensors or .ckpt file"))],
            convert: () => [checkElement(t("Its newest preview as its picture"), this.cover, (value) => (this.cover = value)),
                h("div", {class: "tt-field", id: "train_tools_tool_cover"}, h("div", {class: "tt-problem"}), h("span", {"data-setting": "tool_cover"}))],
        }; // prettier-ignore
        const found = parts[tool] ? parts[tool]() : [];
        const problem = h("div", {class: "tt-field", id: "train_tools_tool_files"}, h("div", {class: "tt-problem"}), h("span", {"data-setting": "tool_files"})); // prettier-ignore
        this.element.replaceChildren(...found, problem, this.models);
        if (tool === "merge" && !this.more.length) this.add();
    }

    /** Another file to merge. */
    add() {
        const pick = new LoraPick(t("File"), this.chosen),
            weight = weightElement(t("Weight"));
        const remove = () => {
            this.more = this.more.filter((one) => one.pick !== pick);
            element.remove();
            this.chosen();
        };
        const away = h("button", {class: "tt-tool", type: "button", "aria-label": t("Remove"), title: t("Remove"), click: remove}, "×"); // prettier-ignore
        const element = h("div", {class: "tt-lora-merged"}, pick.element, weight, away);
        this.more.push({pick, weight, element});
        this.list.append(element);
        pick.offer(this.files);
    }

    /** @param {import("./lorafiles.mjs").LoraFile[]} files that may be chosen */
    offer(files) {
        this.files = files;
        for (const {pick} of this.more) pick.offer(files);
    }

    /** The name of the file that the new one is called after. @param {string} tool @param {string} file chosen above */
    named = (tool, file) => (tool === "extract" ? this.tuned : file);

    /** All files that the new one is made of. @param {string} tool @param {string} file chosen above */
    filesOf = (tool, file) => [file, ...(tool === "merge" ? this.more.map(({pick}) => pick.file || "") : [])];

    /** @param {string} tool @param {string} file chosen above @param {Record<string, any>} settings
     * @returns {{files: string[], tool_settings: Record<string, any>, into?: string, cover?: boolean}} */
    wish(tool, file, settings) {
        if (tool === "extract") return {files: [this.base, this.tuned].map((one) => one.trim()).filter(Boolean), tool_settings: settings}; // prettier-ignore
        if (tool === "convert") return {files: [file], tool_settings: settings, cover: this.cover};
        if (tool !== "merge") return {files: [file], tool_settings: settings};
        const weights = [this.weight, ...this.more.map(({weight}) => weight)].map(weightOf);
        return {
            files: this.filesOf(tool, file),
            tool_settings: {...settings, weights: weights.join(",")},
            into: this.into.trim(),
        };
    }
}

/** @param {any} element */
const weightOf = (element) => element.querySelector("input").value.trim() || "1";

/** @param {string} words */
const weightElement = (words) => textElement(words, "1", () => {}, {inputmode: "decimal", class: "tt-lora-weight"});

/** @param {string} words @param {string} now @param {(value: string) => void} taken @param {string} placeholder */
export const modelElement = (words, now, taken, placeholder) =>
    textElement(words, now, taken, {list: MODELS, placeholder});
