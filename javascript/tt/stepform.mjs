// @ts-check
// One step of a batch edit, to be filled in.
import {h} from "./dom.mjs";
import {checkElement, choiceElement, textElement} from "./labelled.mjs";
import {KINDS} from "./steps.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {import("./steps.mjs").Step} Step */

/** @typedef {Record<string, string>} Words */
/** @type {Words} */
const TITLES = {
    add: "Add tags",
    remove: "Remove tags",
    front: "Move tags to the front",
    replace: "Replace",
    sort: "Sort the tags",
    dedupe: "Remove doubles",
    underscores: "Underscores and spaces",
    case: "Small and capital letters",
    separators: "Translate separators",
};
/** @type {Words} */
const WHERE = {
    tag: "A whole tag",
    "tag-regex": "In each tag, a regular expression",
    text: "Anywhere in the caption",
    "text-regex": "In the caption, a regular expression",
};
/** @type {Words} */
const BY_WHAT = {frequency: "The most frequent first", name: "From A to Z"};
/** @type {Words} */
const UNDERSCORES = {spaces: "Spaces instead of underscores", underscores: "Underscores instead of spaces"};
/** @type {Words} */
const CASES = {lower: "All letters small", upper: "All letters capital", first: "First letter capital"};
/** @type {Words} */
const ENDS = {first: "Before the others", last: "Behind the others"};
const AWAY = "Remove this step";

/** @param {Step} step @param {() => void} changed @param {() => void} redrawn */
function partsOf(step, changed, redrawn) {
    const set = (/** @type {Partial<Step>} */ values) => {
        Object.assign(step, values);
        changed();
    };
    const text = (/** @type {string} */ words, /** @type {"tags" | "find" | "to" | "of"} */ name) =>
        textElement(words, step[name], (value) => set({[name]: value}), {"data-part": name});
    const tags = () => text(t("Tags, with commas between them"), "tags");
    /** @type {Record<string, () => any[]>} */
    const parts = {
        add: () => [
            tags(),
            choiceElement(t("Place"), named(["first", "last"], (one) => t(ENDS[one])), step.last ? "last" : "first", (end) => set({last: end === "last"})), // prettier-ignore
        ],
        remove: () => [tags()],
        front: () => [tags()],
        replace: () => replaceParts(step, redrawn, text, set),
        sort: () => [choiceElement(t("Order"), named(Object.keys(BY_WHAT), (one) => t(BY_WHAT[one])), step.by, (by) => set({by}))], // prettier-ignore
        dedupe: () => [],
        underscores: () => [choiceElement(t("To"), named(Object.keys(UNDERSCORES), (one) => t(UNDERSCORES[one])), step.underscores, (to) => set({underscores: to}))], // prettier-ignore
        case: () => [choiceElement(t("To"), named(Object.keys(CASES), (one) => t(CASES[one])), step.case, (to) => set({case: to}))], // prettier-ignore
        separators: () => [text(t("Signs that stand between tags here"), "of")],
    };
    return parts[step.do]();
}

/** @param {string[]} values @param {(value: string) => string} words @returns {[string, string][]} */
const named = (values, words) => values.map((value) => [value, words(value)]);

/** @param {Step} step @param {() => void} redrawn @param {(words: string, name: "find" | "to") => any} text
 * @param {(values: Partial<Step>) => void} set */
function replaceParts(step, redrawn, text, set) {
    const where = choiceElement(
        t("What"),
        named(Object.keys(WHERE), (one) => t(WHERE[one])),
        step.how,
        (how) => {
            set({how});
            redrawn();
        },
    );
    return [
        where,
        text(t("Find"), "find"),
        text(t("Replace with"), "to"),
        step.how === "tag" ? null : checkElement(t("In small and capital letters alike"), step.ignoreCase, (ignoreCase) => set({ignoreCase})), // prettier-ignore
        step.how.endsWith("regex") && h("small", {}, fill(t("Groups in brackets are {} and {} in what comes instead."), "\\1", "\\2")), // prettier-ignore
    ];
}

/** @param {Step} step filled in here @param {() => void} changed is called after each change
 * @param {(() => void) | null} removed is called to take it away; null where it must stay */
export function stepElement(step, changed, removed) {
    const parts = h("div", {class: "tt-parts"}),
        redrawn = () => parts.replaceChildren(...partsOf(step, changed, redrawn).filter(Boolean));
    const kind = choiceElement(
        t("Do"),
        named(KINDS, (one) => t(TITLES[one])),
        step.do,
        (value) => {
            step.do = value;
            redrawn();
            changed();
        },
    );
    redrawn();
    const away = removed && h("button", {class: "tt-tool", type: "button", "aria-label": t(AWAY), title: t(AWAY), click: removed}, "×"); // prettier-ignore
    return h("li", {class: "tt-step"}, kind, parts, h("output", {class: "tt-fine"}), away);
}
