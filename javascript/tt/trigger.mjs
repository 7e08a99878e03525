// @ts-check
// Pictures without captions: what they are trained as, and a trigger word for them.
import {find, h} from "./dom.mjs";
import {change, valueOf} from "./settings.mjs";
import {on, state, tell} from "./state.mjs";
import {fill, t} from "./words.mjs";

const UNNAMED = "subject"; // of the folder that pictures from no folder come into

/** @typedef {{bare: number, all: number, words: string[], used: string[]}} Counted trained pictures, those of them
 * without a caption, what these have instead, and which of that are tags of others */

/** @type {Counted} */
let counted = {bare: 0, all: 0, words: [], used: []};

export const triggerElement = () =>
    h(
        "form",
        {class: "tt-trigger", hidden: true, submit: use},
        h("label", {for: "train_tools_trigger"}),
        h(
            "span",
            {},
            h("input", {
                type: "text",
                id: "train_tools_trigger",
                autocomplete: "off",
                spellcheck: "false",
                input: show,
            }),
            h("button", {class: "tt-button"}, t("Use")),
            h("button", {class: "tt-button", type: "button", "data-tagging": "bare"}, t("Tag them")),
        ),
    );

/**
 * Settings with which pictures without a caption are trained on a word: on it alone, where nobody has named their folder.
 * @param {string} word
 * @param {Counted} found
 * @param {string[]} dropped tags that are never used, of now
 */
export function changesFor(word, {words, used}, dropped) {
    const changes = {caption_prefix: word};
    if (!words.includes(UNNAMED) || word === UNNAMED || used.includes(UNNAMED) || dropped.includes(UNNAMED))
        return changes;
    return {...changes, drop_tags: [...dropped, UNNAMED]};
}

const droppedNow = () => [valueOf("drop_tags") || []].flat();

/** What such pictures are trained as. @param {string} prefix @param {string[]} words @param {string[]} dropped */
export function trainedAs(prefix, words, dropped) {
    const left = words.filter((word) => !dropped.includes(word));
    const texts = (left.length ? left : [""]).map((word) => [prefix, word].filter(Boolean).join(", "));
    return texts.map((one) => `"${one}"`).join(" / ");
}

/** @param {Event} event */
function use(event) {
    event.preventDefault();
    const word = find("#train_tools_trigger").value.trim();
    if (word) change(changesFor(word, counted, droppedNow()));
}

/** @param {any} found the newest answer about pictures */
export function followCaptions({bare, counts}) {
    const {pictures, words, used} = bare || {pictures: 0, words: [], used: []};
    counted = {bare: pictures, all: counts ? counts.training : 0, words, used};
    show();
}

/** Whether the line tells of pictures without a caption: then nothing else on the page of the pictures does. */
export const isTold = () => 2 * counted.bare > counted.all && valueOf("caption_prefix") !== undefined;

function show() {
    const box = find(".tt-trigger"),
        prefix = valueOf("caption_prefix");
    if (box.hidden === isTold()) tell("bare");
    box.hidden = !isTold();
    if (box.hidden) return;
    const [input, button] = box.lastElementChild.children,
        of = `${state.project}/${prefix}`;
    const as = trainedAs(prefix, counted.words, droppedNow()),
        says = fill(t("Pictures without a caption: {} of {}, trained as {}."), counted.bare, counted.all, as);
    box.firstElementChild.textContent = `${says} ${prefix ? t("Their trigger word:") : t("Train on a trigger word alone:")}`;
    if (input.dataset.of !== of && document.activeElement !== input)
        input.value = prefix || (counted.words.includes(UNNAMED) ? state.project : "");
    input.dataset.of = of;
    button.hidden = ["", prefix].includes(input.value.trim());
}
on("settings", show);
