// @ts-check
// Pictures, captions, tags and sheets of two versions.
import {pictureUrl, previewUrl, thumbUrl} from "./api.mjs";
import {h} from "./dom.mjs";
import {part, placeName, quiet, table} from "./versustable.mjs";
import {fill, listed, sentence, t, told} from "./words.mjs";

const SMALL = 128,
    SHOWN = 24; // pictures of a kind
const TAGS = {same: "span", gone: "del", new: "ins"};

/** @param {any} found */
export function pictures({sides, pictures: found}) {
    const {same, changed, only, changed_pictures: pairs, only_pictures: alone} = found,
        lines = [fill(t("{} in both"), same), fill(t("{} changed"), changed)];
    sides.forEach((/** @type {any} */ side, /** @type {number} */ i) =>
        lines.push(fill(t("{} only in {}"), only[i], placeName(side))),
    );
    const rows = [];
    if (changed) rows.push([t("Changed"), ...[0, 1].map((i) => thumbs(sides[i], pairs.map(ofSide(i)), changed))]);
    if (only[0] + only[1]) rows.push([t("Only in one"), ...[0, 1].map((i) => thumbs(sides[i], alone[i], only[i]))]);
    return part(t("Pictures"), sides.map(problem), h("p", {}, listed(lines)), rows.length > 0 && table(sides, rows));
}

/** @param {number} i @returns {(pair: any) => any} */
const ofSide = (i) => (pair) => ({...pair, id: pair.ids[i]});

/** @param {any} side */
const problem = (side) => side.problem && h("p", {class: "tt-warn"}, told(placeName(side), sentence(side, "problem")));

/** @param {any} side @param {any[]} some @param {number} of so many */
const thumbs = (side, some, of) =>
    h(
        "div",
        {class: "tt-few"},
        some.slice(0, SHOWN).map(({id, name}) => thumb(pictureUrl(side, id, {stamp: "", size: SMALL}), name)),
        of > SHOWN && fill(t("and {} more"), of - SHOWN),
    );

/** @param {string} src @param {string} name */
const thumb = (src, name) => h("img", {alt: name, title: name, loading: "lazy", translate: "no", src});

/** @param {any} found */
export const captions = ({captions: {changed, same, rows}}) =>
    part(
        t("Captions"),
        h("p", {}, fill(t("{} differ, {} are the same."), changed, same)),
        h("ul", {class: "tt-worded"}, rows.map(wordedElement)),
        changed > rows.length && quiet(fill(t("and {} more"), changed - rows.length)),
    );

/** @typedef {{kind: "same" | "gone" | "new", text: string}} Part */

/** @param {any} row */
const wordedElement = (row) =>
    h(
        "li",
        {translate: "no"},
        h("b", {}, row.name),
        row.parts.map((/** @type {Part} */ {kind, text}) => h(TAGS[kind], {}, text)),
    );

/** @param {any} found */
export function tags({sides, tags: differing}) {
    const rows = differing.map((/** @type {any} */ {tag, counts}) => [h("span", {translate: "no"}, tag), ...counts]);
    return part(t("Tags"), rows.length ? table(sides, rows) : quiet(t("No tag differs.")));
}

/** @param {any[]} sides */
export const sheets = (sides) => part(t("Comparison sheets"), table(sides, [[t("Newest"), ...sides.map(sheet)]]));

/** @param {any} side */
function sheet(side) {
    const [path] = side.sheets;
    if (!path) return t("No sheet yet");
    const shown = h("img", {alt: placeName(side), loading: "lazy", translate: "no", src: thumbUrl(path)});
    return h("a", {href: previewUrl(path), target: "_blank"}, shown);
}
