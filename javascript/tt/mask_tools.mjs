// @ts-check
// What stands beside a mask: brush, size, what it may begin from.
import {brush} from "./brushing.mjs";
import {detectorElement, isNamed} from "./detector.mjs";
import {h} from "./dom.mjs";
import {choiceElement, segmentElement} from "./labelled.mjs";
import {t} from "./words.mjs";

const SMALLEST = 0.004, // of the longer side
    LARGEST = 0.3,
    LARGER = 1.25; // by which [ and ] change the brush
/** @type {Record<string, string>} */
const MASK_SOURCES = {alpha: "What is not transparent", detector: "What is found in it", file: "A picture file"};

/** @param {string} words @param {() => void} does @param {Record<string, any>} [facts] */
export const buttonElement = (words, does, facts = {}) =>
    h("button", {class: "tt-button", type: "button", ...facts, click: does}, words);

/** What the brush is; drawn anew when a key changes it. @param {() => void} changed */
export function brushElement(changed) {
    const set = (/** @type {Partial<typeof brush>} */ change) => () => {
        Object.assign(brush, change);
        changed();
    };
    const group = (/** @type {string} */ legend, /** @type {any[]} */ inside) =>
        h("fieldset", {class: "tt-scope"}, h("legend", {}, legend), inside);
    return h(
        "div",
        {class: "tt-mask-tools"},
        group(t("Paint with"), [
            segmentElement("tt-brush-tool", t("Brush"), brush.tool === "brush", set({tool: "brush"})),
            segmentElement("tt-brush-tool", t("Rectangle"), brush.tool === "box", set({tool: "box"})),
        ]),
        group(t("What is painted is"), [
            segmentElement("tt-brush-learned", t("learned"), brush.learned, set({learned: true})),
            segmentElement("tt-brush-learned", t("left out"), !brush.learned, set({learned: false})),
        ]),
        sliderElement(t("Size of the brush"), "share", {min: SMALLEST, max: LARGEST, step: 0.002}, changed),
        sliderElement(t("Opacity of the veil"), "opacity", {min: 0.1, max: 1, step: 0.05}, changed),
    );
}

/** What a key makes of the brush. @param {string} key @returns {boolean} whether it is one of it */
export function brushKey(key) {
    /** @type {Record<string, Partial<typeof brush>>} */
    const changes = {
        b: {tool: "brush"},
        r: {tool: "box"},
        e: {learned: !brush.learned},
        "[": {share: Math.max(SMALLEST, brush.share / LARGER)},
        "]": {share: Math.min(LARGEST, brush.share * LARGER)},
    };
    Object.assign(brush, changes[key]);
    return key in changes;
}

/** @param {string} words @param {"share" | "opacity"} name @param {Record<string, number>} facts
 * @param {() => void} changed */
function sliderElement(words, name, facts, changed) {
    const input = (/** @type {any} */ event) => {
        brush[name] = Number(event.target.value);
        changed();
    };
    return h("label", {class: "tt-labelled"}, h("span", {}, words), h("input", {type: "range", ...facts, value: brush[name], input})); // prettier-ignore
}

/**
 * What a mask is made of without painting.
 * @param {{source: string, detector: import("./detector.mjs").Detector}} wish is changed here
 * @param {(file?: File) => void} takes
 */
export function sourceElement(wish, takes) {
    const file = h("input", {type: "file", accept: "image/png,image/webp,image/jpeg,image/bmp", hidden: true, change: () => file.files[0] && takes(file.files[0])}); // prettier-ignore
    const parts = h("div", {class: "tt-mask-parts"}),
        take = buttonElement(t("Apply"), () => (wish.source === "file" ? file.click() : takes()));
    const show = () => {
        const found = wish.source === "detector" ? detectorElement(t("What to find"), wish.detector, ["face", "cat", "file"], ready) : []; // prettier-ignore
        parts.replaceChildren(...found);
        ready();
    };
    const ready = () => (take.disabled = wish.source === "detector" && !isNamed(wish.detector));
    const choice = choiceElement(
        t("Learn only"),
        Object.keys(MASK_SOURCES).map((source) => [source, t(MASK_SOURCES[source])]),
        wish.source,
        (source) => {
            wish.source = source;
            show();
        },
    );
    show();
    return h("div", {class: "tt-mask-from"}, choice, parts, take, file);
}
