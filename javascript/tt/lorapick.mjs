// @ts-check
// A LoRA file that somebody chooses: one of those that the server knows, or a path.
import {h} from "./dom.mjs";
import {size} from "./formats.mjs";
import {state} from "./state.mjs";
import {listed, t} from "./words.mjs";

/** @typedef {import("./lorafiles.mjs").LoraFile} LoraFile */

const PATH = "path:"; // the choice that lets a path be written
/** @type {Record<string, string>} */
const GROUPS = {version: "This version", projects: "Other versions", host: "LoRA folder of the WebUI"};

export class LoraPick {
    /** @param {string} words its label; empty where a heading is @param {(file: string) => void} taken is told what is chosen; empty for nothing */
    constructor(words, taken) {
        /** @type {string | null} null before anything is chosen */
        this.file = null;
        this.taken = taken;
        this.select = h("select", {
            "aria-label": words ? null : t("LoRA file"),
            change: () => this.choose(this.select.value),
        });
        const typed = () => this.take(this.path.value.trim());
        this.path = h("input", {type: "text", autocomplete: "off", spellcheck: "false", translate: "no",
            placeholder: t("Path of a .safetensors file on the server"), "aria-label": t("Path of the file"),
            hidden: true, change: typed}); // prettier-ignore
        this.element = h("div", {class: "tt-lora-pick"},
            h("label", {class: "tt-labelled"}, words && h("span", {}, words), this.select), this.path); // prettier-ignore
    }

    /** Offer these; what was chosen stays, and where nothing was, the first one is taken. @param {LoraFile[]} files */
    offer(files) {
        const own = !state.host || state.host.folders_may_be_chosen;
        const groups = Object.keys(GROUPS).map((group) => ({group, some: files.filter((one) => one.group === group)}));
        this.select.replaceChildren(
            h("option", {value: "", disabled: files.length > 0}, files.length ? t("Choose a file") : t("No LoRA files yet")),
            ...groups.filter(({some}) => some.length).map(({group, some}) =>
                h("optgroup", {label: t(GROUPS[group])}, some.map(optionElement))),
            own ? h("option", {value: PATH}, t("Another file...")) : "",
        ); // prettier-ignore
        const known = files.some((one) => one.file === this.file);
        if (this.file && (known || !this.path.hidden)) this.select.value = known ? this.file : PATH;
        else this.choose(files.length ? files[0].file : "");
    }

    /** @param {string} value of the list */
    choose(value) {
        this.select.value = value;
        this.path.hidden = value !== PATH;
        if (value !== PATH) return this.take(value);
        this.path.focus();
        if (this.path.value.trim()) this.take(this.path.value.trim());
    }

    /** @param {string} file */
    take(file) {
        if (file === this.file) return;
        this.file = file;
        this.taken(file);
    }
}

/** @param {LoraFile} one */
const optionElement = ({file, name, where, group, bytes}) =>
    h("option", {value: file, translate: "no"}, listed([name, group === "version" ? "" : where, size(bytes)].filter(Boolean))); // prettier-ignore
