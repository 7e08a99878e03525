// @ts-check
// How to choose, in a sentence, and what can be asked for figures where none is known.
import {find, h} from "./dom.mjs";
import {MEASURES} from "./judge.mjs";
import {t} from "./words.mjs";

export const howElement = () =>
    h(
        "p",
        {class: "tt-cmp-how"},
        h("span", {}, t("Drag the slider, or press ← and →, up to the earliest checkpoint that shows your subject and still does what the prompt says. Star it and install it.")), // prettier-ignore
        h("button", {class: "tt-button", type: "button", "data-cmp": "measure", title: t(MEASURES), click: measure}, t("Measure checkpoints")), // prettier-ignore
    );

/** By the button among the checkpoints. */
const measure = () => find('.tt-judge [data-act="judge"]')?.click();
