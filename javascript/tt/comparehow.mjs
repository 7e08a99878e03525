// @ts-check
// How to choose, in a sentence, and what can be asked for figures where none is known.
import {act, h} from "./dom.mjs";
import {MEASURES} from "./judge.mjs";
import {t} from "./words.mjs";

export function howElement() {
    const made = h("p", {class: "tt-cmp-how"}, h("span", {}, t("Drag the slider, or press ← and →, up to the earliest checkpoint that shows your subject and still does what the prompt says. Star it and install it."))); // prettier-ignore
    made.insertAdjacentHTML("beforeend", act("judge", "Measure checkpoints", MEASURES));
    return made;
}
