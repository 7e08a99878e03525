// @ts-check
// How much a LoRA file changes each block of its model, as bars side by side as in a U-Net, with a table behind them.
import {h} from "./dom.mjs";
import {fill, t, told} from "./words.mjs";

/** @typedef {{block: string, layers: number, norm: number | null}} BlockNorm */

const TITLE = "How much it changes each block";

/** What a block is called. @param {string} block */
const nameOf = (block) => block || t("rest");

/** @param {number | null} norm */
const normText = (norm) => (norm === null ? "–" : norm.toPrecision(3));

/** Blocks by the side of the U-Net that they are on: BASE, IN, M, OUT. @param {BlockNorm[]} blocks */
export function sides(blocks) {
    /** @type {Record<string, BlockNorm[]>} */
    const found = {};
    for (const one of blocks) (found[one.block.replace(/\d+$/, "")] ??= []).push(one);
    return found;
}

/** @param {BlockNorm[]} blocks of the model @returns {any} null where nothing can be told */
export function normsElement(blocks) {
    const most = Math.max(...blocks.map(({norm}) => norm || 0));
    if (!(most > 0)) return null;
    const bars = Object.entries(sides(blocks)).map(([side, some]) =>
        h("span", {class: "tt-norm-side"},
            h("span", {class: "tt-norm-bars"}, some.map((one) => barElement(one, most))),
            h("small", {}, side || t("rest")))); // prettier-ignore
    const strongest = [...blocks].sort((one, other) => (other.norm || 0) - (one.norm || 0)).slice(0, 3);
    const says = fill(t("{}; most: {}"), t(TITLE), strongest.map((one) => told(nameOf(one.block), normText(one.norm))).join(", ")); // prettier-ignore
    return h(
        "figure",
        {class: "tt-norms"},
        h("figcaption", {}, t(TITLE)),
        h("div", {class: "tt-norm-chart", role: "img", "aria-label": says, translate: "no"}, bars),
        tableElement(blocks.filter(({layers}) => layers)),
    );
}

/** @param {BlockNorm} one @param {number} most */
function barElement(one, most) {
    const share = (one.norm || 0) / most,
        words = told(nameOf(one.block), normText(one.norm));
    return h("i", {title: words, "data-none": !one.layers, style: `--share: ${(100 * share).toFixed(1)}%`});
}

/** @param {BlockNorm[]} blocks */
const tableElement = (blocks) =>
    h("details", {},
        h("summary", {}, t("As a table")),
        h("div", {class: "tt-scroll", tabindex: "0", role: "region", "aria-label": t(TITLE)},
            h("table", {},
                h("thead", {}, h("tr", {}, [t("Block"), t("Norm"), t("Layers")].map((name) => h("th", {scope: "col"}, name)))),
                h("tbody", {}, blocks.map((one) => h("tr", {}, h("th", {scope: "row", translate: one.block && "no"}, nameOf(one.block)), h("td", {}, normText(one.norm)), h("td", {}, String(one.layers))))))),
    ); // prettier-ignore
