// @ts-check
// What a tool made, beside the files that it is made of.
import {h} from "./dom.mjs";
import {size} from "./formats.mjs";
import {countsText} from "./lorafacts.mjs";
import {fill, sentence, sentences, t} from "./words.mjs";

const KIND = 1; // place of what programs call so in every language

/** A share as people read it. @param {number} share */
export function shareText(share) {
    const percent = 100 * share;
    return `${percent === 0 || percent >= 1 ? percent.toFixed(1) : percent.toPrecision(1)} %`;
}

/** @param {any} one a file in numbers */
const cells = (one) => [
    size(one.bytes),
    `${sentence(one, "kind")}, ${one.precision}`,
    countsText(one.dims) || t("none"),
    one.norm === null ? "–" : one.norm.toPrecision(4),
    String(one.layers),
];

/** A table of files before and after. @param {any} result of a work */
export function resultElement(result) {
    const files = [...result.before, result.after],
        columns = files.map(cells),
        names = [t("Size"), t("Kind"), t("Rank"), t("Norm"), t("Layers")];
    const head = files.map(
        (one, place) =>
        h("th", {scope: "col"}, h("small", {}, t(place < files.length - 1 ? "Before" : "After")), h("span", {translate: "no"}, one.name)), // prettier-ignore
    );
    const rows = names.map((name, row) => h("tr", {}, h("th", {scope: "row"}, name), columns.map((one) => h("td", {translate: row === KIND && "no"}, one[row])))); // prettier-ignore
    const error = result.error === null ? null : h("p", {}, fill(t("Relative error of what it adds to the weights: {}"), shareText(result.error))); // prettier-ignore
    const notes = sentences(result, "notes");
    return h(
        "div",
        {class: "tt-lora-result"},
        h("div", {class: "tt-scroll", tabindex: "0", role: "region", "aria-label": t("Before and after")},
            h("table", {}, h("thead", {}, h("tr", {}, h("td"), head)), h("tbody", {}, rows))),
        error,
        notes.length ? h("ul", {class: "tt-remarks"}, notes.map((note) => h("li", {}, note))) : null,
    ); // prettier-ignore
}
