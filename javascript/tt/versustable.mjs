// @ts-check
// Tables with a column for each of two versions.
import {h} from "./dom.mjs";

/** @param {any} side */
export const placeName = (side) => `${side.project} ${side.version}`;

/** @param {string} title @param {...any} inside */
export const part = (title, ...inside) => h("section", {}, h("h4", {tabindex: "-1"}, title), inside);

/** @param {string} words */
export const quiet = (words) => h("p", {class: "tt-quiet"}, words);

/** The names of both, each with its colour. @param {any[]} sides */
const headOf = (sides) =>
    sides.map((side, i) => h("th", {scope: "col", translate: "no"}, h("i", {"data-side": i}), placeName(side)));

/** @param {any[]} sides @param {any[][]} rows each a heading and two cells */
export const table = (sides, rows) =>
    h(
        "table",
        {class: "tt-both"},
        h("thead", {}, h("tr", {}, h("td", {}), headOf(sides))),
        h("tbody", {}, rows.map(rowOf)),
    );

/** @param {any[]} row */
const rowOf = ([head, ...cells]) =>
    h(
        "tr",
        {},
        h("th", {scope: "row"}, head),
        cells.map((cell) => h("td", {}, cell)),
    );
