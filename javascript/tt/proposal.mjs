// @ts-check
// What a tagger proposes: how much of it, which tags, and some of the captions; tags can be left out before it is written.
import {h} from "./dom.mjs";
import {whyNot} from "./done.mjs";
import {exampleElement} from "./examples.mjs";
import {leftOut, listOf} from "./thresholds.mjs";
import {fill, sentence, sentences, t} from "./words.mjs";

const FEW_TAGS = 60;
export const FEW_CAPTIONS = 8;

/** How much a proposal would change. @param {any} found @returns {string} */
export function headText(found) {
    if (!found.captions) return t("It would change nothing: the captions have these tags already.");
    const {captions} = found,
        label = sentence(found, "label");
    if (found.makes === "sentence")
        return fill(t(captions === 1 ? "Writes {} caption" : "Writes {} captions"), captions);
    return label[0].toUpperCase() + label.slice(1);
}

/** What else there is to know, a line each. @param {any} found @returns {string[]} */
export function remarksOf(found) {
    return [
        found.stopped ? t("It was stopped before all pictures were seen.") : "",
        ...sentences(found, "refused"),
        found.unreadable.length ? fill(t("Captions that cannot be read stay: {}"), found.unreadable.join(", ")) : "",
    ].filter(Boolean);
}

/**
 * @param {any} found a proposal
 * @param {import("./tagging.mjs").Told} told what it was made with
 * @param {{all: boolean, shown: number}} view whether all tags are shown, and how many captions; changed in place
 * @param {{leave: (tags: string[]) => void, draw: () => void, more: () => void}} acts
 * @returns {any[]}
 */
export function proposalElements(found, told, view, acts) {
    const remarks = remarksOf(found);
    return [
        h("p", {class: "tt-would-change", role: "status", tabindex: "-1"}, headText(found)),
        remarks.length > 0 && remarksElement(remarks),
        found.makes === "tags" && tagsElement(found, told, view, acts),
        captionsElement(found, view, acts),
    ].filter(Boolean);
}

/** @param {string[]} lines */
const remarksElement = (lines) =>
    h(
        "details",
        {class: "tt-remarks-of", open: lines.length === 1},
        h("summary", {}, fill(t("To be known: {}"), lines.length)),
        h("ul", {}, lines.map((line) => h("li", {}, line))), // prettier-ignore
    );

/** @param {any} found @param {any} told @param {{all: boolean}} view @param {any} acts */
function tagsElement(found, told, view, {leave, draw}) {
    const out = listOf(told.exclude_tags),
        shown = view.all ? found.tags : found.tags.slice(0, FEW_TAGS),
        more = found.tags.length - shown.length;
    const chip = (/** @type {string} */ tag, /** @type {any} */ ...inside) => {
        const isOut = out.includes(tag),
            says = fill(t(isOut ? "Take {} in again" : "Leave {} out"), tag);
        return h("button", {class: "tt-chip", type: "button", "data-leave": tag, "aria-pressed": String(isOut), "aria-label": says, title: says, translate: "no", click: () => leave(leftOut(told.exclude_tags, tag))}, h("span", {}, tag), inside); // prettier-ignore
    };
    return h(
        "section",
        {class: "tt-coming", "aria-label": t("Tags that come")},
        h("h3", {}, t("Tags that come, with the number of pictures; a click leaves one out.")),
        h(
            "div",
            {class: "tt-chips"},
            out.map((tag) => chip(tag, " +")),
            shown.map((/** @type {any} */ one) => chip(one.tag, " ", h("b", {}, one.pictures), " ×")),
            more > 0 && h("button", {class: "tt-link", type: "button", click: () => { view.all = true; draw(); }}, fill(t("Show {} more"), more)), // prettier-ignore
        ),
    );
}

/** @param {any} found @param {{shown: number}} view @param {any} acts */
function captionsElement(found, view, {more}) {
    const shown = found.changes.slice(0, view.shown);
    return h(
        "div",
        {class: "tt-examples"},
        shown.length > 0 && h("h3", {}, shown.length < found.captions ? t("Some of them") : t("All of them")),
        shown.map(exampleElement),
        shown.length < found.captions && h("button", {class: "tt-link tt-more-captions", type: "button", click: more}, t("Show more captions")), // prettier-ignore
    );
}

/** How many pictures would be tagged. @param {any} found as it was counted; null without an answer */
export function countText(found) {
    if (!found || found.error) return whyNot(found);
    if (found.pictures) return fill(t("Pictures that would be tagged: {} of {}."), found.pictures, found.chosen);
    if (!found.chosen) return t("There are no such pictures.");
    return t("All of these have captions: choose other pictures, or where the tags go.");
}
