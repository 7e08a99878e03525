// @ts-check
// Which common tags belong to the character, as somebody decides it.
import {h} from "./dom.mjs";
import {segmentElement} from "./labelled.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {{tag: string, pictures: number, share: number, belongs: boolean}} Proposal */

/** Tags that are decided in one way. @param {Proposal[]} tags @param {boolean} belongs */
export const decided = (tags, belongs) => tags.filter((one) => one.belongs === belongs).map((one) => one.tag);

/** What the choice means when prompting. @param {string} trigger @param {Proposal[]} tags */
export function meaning(trigger, tags) {
    const [own, free] = [decided(tags, true), decided(tags, false)],
        word = trigger ? `"${trigger}"` : "…";
    const bound = own.length
        ? fill(t("A prompt with {} brings by itself: {}."), word, own.join(", "))
        : fill(t("{} takes over nothing but what no caption names."), word);
    const open = free.length ? fill(t("Only where the prompt names them: {}."), free.join(", ")) : "";
    return [bound, open].filter(Boolean).join(" ");
}

/** Proposals, with what was decided before. @param {Proposal[]} tags @param {Proposal[]} before @returns {Proposal[]} */
export function still(tags, before) {
    const known = new Map(before.map((one) => [one.tag, one.belongs]));
    return tags.map((one) => ({...one, belongs: known.get(one.tag) ?? one.belongs}));
}

/** @param {string} trigger @param {Proposal[]} tags decided here @param {boolean} captioned whether a picture is */
export function choicesElements(trigger, tags, captioned = true) {
    const none = captioned
        ? t("No tag is common to at least 60 % of the captioned pictures.")
        : t("None of these pictures has a caption yet. Tag them first: what their tags have in common is asked here.");
    if (!tags.length) return [h("p", {tabindex: "-1"}, none)];
    const means = h("p", {class: "tt-meaning", role: "status", translate: "no"}),
        changed = () => (means.textContent = meaning(trigger, tags));
    changed();
    const about = h("p", {}, t("Tags that at least 60 % of the captioned pictures have:"));
    return [about, listElement(tags, changed), means];
}

/** @param {Proposal[]} tags @param {() => void} changed */
const listElement = (tags, changed) =>
    h(
        "div",
        {class: "tt-common"},
        tags.map((one, place) => choiceElement(one, place, changed)),
    );

/** @param {Proposal} one @param {number} place @param {() => void} changed */
function choiceElement(one, place, changed) {
    const percent = `${Math.round(100 * one.share)} %`,
        id = `tt-common-${place}`;
    const option = (/** @type {boolean} */ belongs, /** @type {string} */ words) =>
        segmentElement(`${id}-choice`, words, one.belongs === belongs, () => {
            one.belongs = belongs;
            changed();
        });
    return h(
        "div",
        {class: "tt-common-one", role: "group", "aria-labelledby": id},
        h("span", {id, class: "tt-common-tag"}, h("b", {translate: "no"}, one.tag), " ", h("small", {}, percent)),
        h("span", {class: "tt-share", style: `--share: ${percent.replace(" ", "")}`}),
        h("span", {class: "tt-segments"}, option(true, t("belongs to it")), option(false, t("stays free"))),
    );
}
