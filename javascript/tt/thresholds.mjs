// @ts-check
// What a tagger is told: thresholds, which tags are taken, and where they go.
import {h} from "./dom.mjs";
import {fieldOf} from "./field.mjs";
import {choiceElement} from "./labelled.mjs";
import {itemsOf} from "./values.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./tagging.mjs").Told} Told */

const KEPT = "train_tools_tagging",
    SLIDER = [0.05, 1, 0.01];
/** Of these one has to do with scores, one with each part of a caption; the others are folded away. */
const SHOWN = ["general_threshold", "character_threshold", "trigger_word", "exclude_tags", "keep_rating", "keep_underscores"], // prettier-ignore
    FOLDED = ["mcut", "tag_categories"],
    OF_SCORES = ["general_threshold", "character_threshold", "exclude_tags", "keep_rating", "keep_underscores", ...FOLDED], // prettier-ignore
    OF_A_SET = ["trigger_word", "exclude_tags"];
/** @type {Record<string, string>} */
const MODES = {
    missing: "Only where there is no caption",
    append: "Behind the caption that is there",
    prepend: "Before the caption that is there",
    overwrite: "Instead of the caption that is there",
};

/** What was told last in this browser, but for what belongs to one set of pictures. @returns {Told} */
export function remembered() {
    try {
        return JSON.parse(localStorage.getItem(KEPT) || "{}");
    } catch {
        return {};
    }
}

/** @param {Told} told */
export function remember(told) {
    const kept = Object.fromEntries(Object.entries(told).filter(([name]) => !OF_A_SET.includes(name)));
    try {
        localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
        // a private window keeps nothing
    }
}

/** Everything that a tagger is told, as declared where nobody says otherwise.
 * @param {any[]} declared @param {Told} told @returns {Told} */
export const complete = (declared, told) =>
    Object.fromEntries(declared.map(({name, default: usual}) => [name, told[name] ?? usual]));

/** Tags that are left out, with one more or less. @param {any} now a list, or as somebody wrote it @param {string} tag
 * @returns {string[]} */
export function leftOut(now, tag) {
    const list = listOf(now),
        same = (/** @type {string} */ one) => one.toLowerCase() === tag.toLowerCase();
    return list.some(same) ? list.filter((one) => !same(one)) : [...list, tag];
}

/** @param {any} now @returns {string[]} */
export const listOf = (now) => (Array.isArray(now) ? now : itemsOf({separator: ","}, String(now ?? "")));

/**
 * Fields of what a tagger is told.
 * @param {any[]} declared
 * @param {Told} told changed in place
 * @param {{makes: string, usual: number}} tagger what it makes, and its usual threshold
 * @param {() => void} changed
 * @returns {{element: any, show: () => void}} ``show`` draws what has changed elsewhere
 */
export function howElement(declared, told, {makes, usual}, changed) {
    const names = [...SHOWN, ...FOLDED].filter((name) => makes === "tags" || !OF_SCORES.includes(name));
    const take = (/** @type {string} */ name, /** @type {any} */ value) => {
        told[name] = value;
        show();
        changed();
    };
    const fields = declared
        .filter(({name}) => names.includes(name))
        .map((one) => fieldOf(withSlider(one), (value) => take(one.name, value), () => {})); // prettier-ignore
    const show = () => fields.forEach((field) => showField(field, told[field.name], usual));
    const parts = (/** @type {string[]} */ of) => of.flatMap((name) => fields.filter((one) => one.name === name)).map(({element}) => element); // prettier-ignore
    const modes = Object.keys(MODES).map((name) => /** @type {[string, string]} */ ([name, t(MODES[name])])),
        mode = choiceElement(t("Captions that are there"), modes, told.mode, (value) => take("mode", value)),
        folded = parts(FOLDED);
    const more = folded.length > 0 && h("details", {}, h("summary", {}, t("More")), h("div", {class: "tt-fields"}, folded)); // prettier-ignore
    show();
    return {
        element: h(
            "div",
            {class: "tt-how"},
            h("div", {class: "tt-fields"}, h("div", {class: "tt-wide"}, mode), parts(SHOWN)),
            more,
        ),
        show,
    };
}

/** @param {any} setting */
const withSlider = (setting) => (setting.name.endsWith("threshold") ? {...setting, slider: SLIDER} : setting);

/** Where no threshold is told, its slider stands at the usual one.
 * @param {import("./field.mjs").Field} field @param {any} value @param {number} usual */
function showField({element, show}, value, usual) {
    show(value);
    const slider = element.querySelector("[type=range]");
    if (!slider || (value ?? "") !== "") return;
    slider.value = usual;
    element.querySelector("[type=text]").placeholder = String(usual);
}
