// @ts-check
// What is to be filled in of each thing that pictures may become.
import {CHANGES, partsOf} from "./changes.mjs";
import {detectorElement} from "./detector.mjs";
import {h} from "./dom.mjs";
import {checkElement, choiceElement, textElement} from "./labelled.mjs";
import {state} from "./state.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {import("./changes.mjs").Wish} Wish */
/** @typedef {import("./changes.mjs").Part} Part */
/** @typedef {Record<string, string>} Words */

/** @type {Words} */
const TURNS = {90: "To the right", 270: "To the left", 180: "Upside down"};
/** @type {Words} */
const PERSON_PARTS = {head: "Head", upper: "Upper body", whole: "Whole"};
/** @type {Words} */
const MASKS_OF = {
    alpha: "Learn what is not transparent",
    detector: "Learn what is found",
    invert: "Invert the masks",
    none: "Remove the masks",
};
const SHARES = ["0.9", "0.7", "0.5", "0.35"],
    MARGINS = ["0", "0.1", "0.25", "0.5", "1"],
    SMALLER = ["0.75", "0.5", "0.25"],
    FACTORS = ["1.5", "2", "3", "4"];

/** @param {string | number} share */
const percent = (share) => `${Math.round(100 * Number(share))} %`;

/** @param {Words} table @param {(value: string) => string} words @returns {[string, string][]} */
const optionsOf = (table, words) => Object.keys(table).map((value) => [value, words(value)]);

/** @param {"upscalers" | "cut_outs"} what the host offers @returns {string[]} their names */
const offered = (what) => (state.host && state.host[what]) || [];

/** Names of what enlarges, the plain one first. */
export const upscalers = () => ["", ...offered("upscalers").filter((name) => name !== "Lanczos")];

/** @param {Wish} wish is changed here @param {() => void} changed @param {() => void} redrawn */
function makersOf(wish, changed, redrawn) {
    const set = (/** @type {Partial<Wish>} */ change) => {
        Object.assign(wish, change);
        changed();
    };
    const text = (/** @type {string} */ words, /** @type {"folder" | "count"} */ name, /** @type {Record<string, any>} */ facts = {}) =>
        textElement(words, String(wish[name]), (value) => set({[name]: facts.type ? Number(value) : value}), {...facts, "data-part": name}); // prettier-ignore
    const numbers = (/** @type {string} */ words, /** @type {string[]} */ values, /** @type {"share" | "margin" | "smaller"} */ name) =>
        choiceElement(words, values.map((value) => [value, percent(value)]), String(wish[name]), (value) => set({[name]: Number(value)})); // prettier-ignore
    /** @type {Record<Part, () => any>} */
    const makers = {
        detector: () => detectorElement(t("What to find"), wish.detector, CHANGES[wish.action].finds || [], redrawn),
        share: () => numbers(t("How much of the sides"), SHARES, "share"),
        margin: () => numbers(t("Margin around it"), MARGINS, "margin"),
        held: () => checkElement(t("In the proportions of the training size"), wish.held, (held) => set({held})),
        parts: () => partsElement(wish, changed),
        degrees: () => choiceElement(t("Turn"), optionsOf(TURNS, (one) => t(TURNS[one])), String(wish.degrees), (value) => set({degrees: Number(value)})), // prettier-ignore
        factor: () => factorElement(wish, set),
        smaller: () => numbers(t("Share of width and height"), SMALLER, "smaller"),
        upscaler: () => choiceElement(t("Upscaler"), upscalers().map((name) => [name, name || "Lanczos"]), wish.upscaler, (upscaler) => set({upscaler})), // prettier-ignore
        cutOut: () => cutOutElement(wish, redrawn),
        cutFile: () => cutFileElement(wish, set),
        clear: () => clearElement(wish, redrawn),
        color: () => colorElement(wish, set),
        folder: () => text(t("Class, the name of the regularisation folder"), "folder"),
        count: () => text(t("Pictures in all"), "count", {type: "number", min: 2, max: 1000}),
        mask: () =>
            choiceElement(
                t("What"),
                optionsOf(MASKS_OF, (one) => t(MASKS_OF[one])),
                wish.mask,
                (mask) => {
                    wish.mask = mask;
                    redrawn();
                },
            ),
    };
    return makers;
}

/** @param {Wish} wish @param {() => void} changed */
const partsElement = (wish, changed) =>
    h(
        "fieldset",
        {class: "tt-scope"},
        h("legend", {}, t("Parts")),
        Object.keys(PERSON_PARTS).map((part) =>
            checkElement(t(PERSON_PARTS[part]), wish.parts.includes(part), (now) => {
                wish.parts = Object.keys(PERSON_PARTS).filter((one) => (one === part ? now : wish.parts.includes(one)));
                changed();
            }),
        ),
    );

/** @param {Wish} wish @param {(change: Partial<Wish>) => void} set */
function factorElement(wish, set) {
    const times = FACTORS.map((one) => /** @type {[string, string]} */ ([one, `× ${one}`]));
    return choiceElement(t("How large"), [["", t("Up to the training size")], ...times], wish.factor, (factor) => set({factor})); // prettier-ignore
}

/** @param {Wish} wish @param {() => void} redrawn */
const clearElement = (wish, redrawn) =>
    checkElement(t("Leave the rest transparent"), wish.clear, (clear) => {
        wish.clear = clear;
        redrawn();
    });

/** @param {Wish} wish @param {() => void} redrawn */
function cutOutElement(wish, redrawn) {
    /** @type {[string, string][]} */
    const models = offered("cut_outs").map((name) => [name, `rembg: ${name}`]);
    return choiceElement(t("Cut the subject out by"), [["", t("nothing")], ...models, ["file", t("a file elsewhere")]], wish.cutOut, (cutOut) => {
        wish.cutOut = cutOut;
        redrawn();
    }); // prettier-ignore
}

/** @param {Wish} wish @param {(change: Partial<Wish>) => void} set */
function cutFileElement(wish, set) {
    const path = textElement(t("Path of the model (ONNX)"), wish.cutFile, (cutFile) => set({cutFile}), {"data-part": "cutFile"}); // prettier-ignore
    path.append(h("small", {}, t("Called after the model, such as u2net.onnx; a path on the server.")));
    return path;
}

/** @param {Wish} wish @param {(change: Partial<Wish>) => void} set */
const colorElement = (wish, set) =>
    textElement(t("Color"), wish.color, (color) => set({color}), {type: "color", class: "tt-color"});

/** All that is filled in of an action. @param {Wish} wish is changed here @param {() => void} changed
 * @param {() => void} redrawn is called when other things are to be filled in */
export function partElements(wish, changed, redrawn) {
    const makers = makersOf(wish, changed, redrawn);
    return partsOf(wish).flatMap((part) => makers[part]());
}

/** What becomes of captions and originals. @param {Wish} wish is changed here @param {() => void} changed */
export function usualElements(wish, changed) {
    const {tags, takesOut} = CHANGES[wish.action];
    if (wish.action === "mask") return [];
    return [
        takesOut !== null && checkElement(t("Take the originals out (they are kept)"), wish.takeOut, (takeOut) => {
            wish.takeOut = takeOut;
            changed();
        }), // prettier-ignore
        tags && checkElement(fill(t("Tell the new captions what was done: {}"), tags), wish.tagged, (tagged) => (wish.tagged = tagged)), // prettier-ignore
        textElement(t("Tags that the new captions get too"), wish.tags, (more) => (wish.tags = more), {"data-part": "tags"}), // prettier-ignore
    ];
}
