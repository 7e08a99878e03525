// @ts-check
// Captions before and after an edit, with what goes and what comes marked.
import {pictureUrl} from "./api.mjs";
import {h} from "./dom.mjs";
import {here} from "./state.mjs";
import {t} from "./words.mjs";

const SMALL = 128,
    MOST = 200, // parts of a caption that are compared one by one
    LONGEST = 4; // words of a tag; more are a sentence

/** @typedef {{text: string, kind: "same" | "gone" | "new"}} Part */

/** @param {string} caption */
const isTag = (caption) => caption.split(/\s+/).length <= LONGEST;

/** Tags; words of sentences. @param {string} caption @param {boolean} tagged */
const partsOf = (caption, tagged) =>
    (tagged ? caption.split(",").map((tag) => tag.trim()) : caption.split(/\s+/)).filter(Boolean);

/**
 * What of a caption stays, goes and comes, in order.
 * @param {string} before
 * @param {string} after
 * @returns {Part[]}
 */
export function differences(before, after) {
    const tagged = `${before}${after}`.includes(",") || [before, after].every(isTag),
        [old, now] = [partsOf(before, tagged), partsOf(after, tagged)];
    if (old.length > MOST || now.length > MOST)
        return [
            {text: before, kind: "gone"},
            {text: after, kind: "new"},
        ];
    const longest = lengths(old, now),
        /** @type {Part[]} */ found = [];
    let [i, j] = [0, 0];
    while (i < old.length || j < now.length) {
        if (i < old.length && old[i] === now[j]) {
            found.push({text: old[i], kind: "same"});
            [i, j] = [i + 1, j + 1];
        } else if (j === now.length || (i < old.length && longest[i + 1][j] >= longest[i][j + 1]))
            found.push({text: old[i++], kind: "gone"});
        else found.push({text: now[j++], kind: "new"});
    }
    return found;
}

/** How much is common behind each pair of places. @param {string[]} old @param {string[]} now */
function lengths(old, now) {
    const table = Array.from({length: old.length + 1}, () => new Array(now.length + 1).fill(0));
    for (let i = old.length - 1; i >= 0; i--)
        for (let j = now.length - 1; j >= 0; j--)
            table[i][j] = old[i] === now[j] ? 1 + table[i + 1][j + 1] : Math.max(table[i + 1][j], table[i][j + 1]);
    return table;
}

const TAGS = {same: "span", gone: "del", new: "ins"};

/** @param {{id: number, name: string, before: string, after: string}} example */
export function exampleElement({id, name, before, after}) {
    const parts = differences(before, after).map(({text, kind}) => h(TAGS[kind], {}, text));
    return h(
        "figure",
        {class: "tt-example", translate: "no"},
        h("img", {
            alt: "",
            loading: "lazy",
            src: pictureUrl(here(), id, {stamp: "", size: SMALL}),
            error: (/** @type {any} */ event) => event.target.replaceWith(h("i")), // it cannot be read
        }),
        h("figcaption", {}, h("b", {}, name), h("p", {}, parts.length ? parts : h("i", {}, "—"))),
    );
}

/** @param {any[]} examples @param {number} of so many captions */
export const examplesElement = (examples, of) =>
    h(
        "div",
        {class: "tt-examples"},
        examples.length > 0 && h("h3", {}, examples.length < of ? t("Some of them") : t("All of them")),
        examples.map(exampleElement),
    );
