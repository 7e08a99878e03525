// @ts-check
// One side of a sheet by axes: a menu of axes, and a field for the values with those that are known to press.
import {h} from "./dom.mjs";
import {sideText, toggled, valuesOf} from "./sheetaxes.mjs";
import {fill, t} from "./words.mjs";

const MOST = 40; // values to press
/** @type {Record<string, string>} */
const AXES = {
    checkpoint: "Checkpoint",
    blocks: "Block weights",
    weight: "LoRA weight",
    lora: "Second LoRA",
    prompt: "Prompt",
    replace: "Words in the prompt",
    seed: "Seed",
    sampler: "Sampling method",
    scheduler: "Schedule type",
    steps: "Sampling steps",
    cfg: "CFG Scale",
    size: "Size",
    clip_skip: "Clip skip",
};

/** One of rows, columns and pages. */
export class Side {
    /** @param {string} side @param {string} label @param {import("./sheetaxes.mjs").Axis[]} axes @param {() => void} changed */
    constructor(side, label, axes, changed) {
        const id = `sheet_${side}`;
        this.axes = axes;
        this.changed = changed;
        this.chips = h("div", {class: "tt-chips"});
        this.hint = h("small", {id: `tt-help-${id}`});
        const option = (/** @type {string} */ name, /** @type {string} */ words) => h("option", {value: name}, words);
        this.menu = h("select", {"aria-label": label, change: () => this.choose(this.menu.value)},
            option("", t("none")), ...axes.map(({name}) => option(name, t(AXES[name] || name)))); // prettier-ignore
        this.values = h("input", {id: `tt-input-${id}`, "data-setting": id, type: "text", autocomplete: "off", spellcheck: "false", translate: "no",
            "aria-label": fill(t("{}: values"), label), "aria-describedby": `tt-help-${id} tt-problem-${id}`, input: () => this.show()}); // prettier-ignore
        const head = h("div", {class: "tt-sheet-side"}, h("span", {}, label), this.menu);
        this.element = h("div", {class: "tt-field tt-axis", id: `train_tools_${id}`},
            head, this.values, this.chips, this.hint, h("div", {class: "tt-problem", id: `tt-problem-${id}`})); // prettier-ignore
    }

    /** The axis as the server reads it. */
    get text() {
        return sideText(this.menu.value, this.values.value);
    }

    /** @param {string} name @param {string} typed */
    choose(name, typed = "") {
        const axis = this.axes.find((one) => one.name === name),
            example = axis ? axis.example : "";
        this.menu.value = name;
        Object.assign(this.values, {value: typed, placeholder: example, hidden: !name});
        this.hint.textContent = example && fill(t("such as: {}"), example);
        if (name === "checkpoint") this.hint.textContent = t("all where nothing is written");
        this.chips.replaceChildren(...(axis ? axis.values : []).slice(0, MOST).map((value) => this.chip(value)));
        this.show();
    }

    /** @param {string} value */
    chip(value) {
        const press = () => {
            this.values.value = toggled(this.menu.value, this.values.value, value);
            this.show();
        };
        return h("button", {class: "tt-chip", type: "button", translate: "no", "data-value": value, click: press}, value); // prettier-ignore
    }

    show() {
        const now = valuesOf(this.menu.value, this.values.value);
        for (const one of this.chips.children)
            one.setAttribute("aria-pressed", String(now.includes(one.dataset.value)));
        this.changed();
    }
}
