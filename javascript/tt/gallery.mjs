// @ts-check
// A picture as a tile, and the line above all tiles.
import {pictureUrl} from "./api.mjs";
import {signHtml} from "./badges.mjs";
import {find} from "./dom.mjs";
import {text} from "./formats.mjs";
import {here} from "./state.mjs";
import {fill, listed, told, sentence, t} from "./words.mjs";

const MOST_WORDS = 160,
    MOST_TITLE = 600; // letters

/** The button of a picture. @param {number} id @returns {HTMLElement | null} */
export const tileOf = (id) => find(`.tt-gallery .tt-pick[data-picture="${id}"]`);

/** @param {any} picture @param {number} size longest side in pixels */
export const thumbOf = ({id, stamp}, size) => pictureUrl(here(), id, {stamp, size});

/** @param {any} counts null before any version is chosen @param {number} shown how many the filter means */
export function headHtml(counts, shown) {
    if (!counts) return "";
    const {training, regularisation, unusable, left_out: out} = counts;
    const cannot = `<span class="tt-warn">${fill(t("{} cannot be used"), unusable)}</span>`;
    const words = [
        training ? fill(t(training === 1 ? "{} picture" : "{} pictures"), training) : "",
        regularisation ? fill(t("{} for regularisation"), regularisation) : "",
        unusable ? cannot : "",
        out ? fill(t("{} taken out"), out) : "",
        shown < training + regularisation + unusable ? fill(t("{} shown"), shown) : "",
    ].filter(Boolean);
    if (words.length) return listed(words);
    return `<span class="tt-empty">${t("No pictures yet. Drop some above, or paste a folder path.")}</span>`;
}

/** @param {any} p a picture; undefined while it is on its way @param {number} size of its thumbnail in pixels
 * @param {import("./badges.mjs").Wrong[]} [wrong] what the doctor found, the worst first */
export function tileHtml(p, size, wrong = []) {
    if (!p) return '<figure class="tt-tile tt-awaited"></figure>';
    const words = p.problem ? sentence(p, "problem") : p.caption,
        named = p.problem ? told(p.name, words) : p.name,
        inside = p.problem
            ? `<span class="tt-why">${text(words)}</span>`
            : `<img loading="lazy" alt="" src="${thumbOf(p, size)}">`;
    const kind = `${p.problem ? " tt-bad" : ""}${p.left_out ? " tt-out" : ""}`,
        often = fill(t(p.repeats === 1 ? "trained {} time an epoch" : "trained {} times an epoch"), p.repeats),
        badge = `×${p.repeats}${p.reg ? ` ${t("reg")}` : ""}`;
    return (
        `<figure class="tt-tile${kind}" draggable="${!p.left_out}" translate="no" title="${text(words.slice(0, MOST_TITLE))}">` +
        `<button class="tt-pick" data-picture="${p.id}" aria-label="${text(named)}">${inside}</button>` +
        `<input type="checkbox" class="tt-select" data-select="${p.id}" tabindex="-1" ` +
        `aria-label="${text(fill(t("Select {}"), p.name))}">` +
        (p.masked
            ? `<i class="tt-masked" role="img" aria-label="${text(t("has a mask"))}" title="${text(t("has a mask"))}"></i>`
            : "") +
        (p.problem ? "" : signHtml(wrong)) +
        `<span class="tt-badge"${p.left_out ? "" : ` title="${text(often)}"`}>${p.left_out ? text(t("taken out")) : badge}</span>` +
        `<figcaption>${text((p.problem ? p.name : p.caption || p.name).slice(0, MOST_WORDS))}</figcaption></figure>`
    );
}

/**
 * Fills a box with tiles. Those that are the same stay: neither place nor focus is lost.
 * @param {any} box
 * @param {{key: string, html: string}[]} wanted
 */
export function showTiles(box, wanted) {
    const keys = new Set(wanted.map(({key}) => key)),
        known = new Map();
    for (const tile of [...box.children])
        if (keys.has(tile.dataset.key)) known.set(tile.dataset.key, tile);
        else tile.remove();
    let last = null;
    for (const {key, html} of wanted) {
        let tile = known.get(key);
        if (!tile || htmlOf.get(tile) !== html) tile = made(key, html, tile);
        const next = last ? last.nextElementSibling : box.firstElementChild;
        if (tile !== next) box.insertBefore(tile, next);
        last = tile;
    }
}

/** @type {WeakMap<Element, string>} */
const htmlOf = new WeakMap();

/** @param {string} key @param {string} html @param {any} before the tile whose place it takes; undefined for none */
function made(key, html, before) {
    const shell = document.createElement("template");
    shell.innerHTML = html;
    const tile = /** @type {any} */ (shell.content.firstElementChild);
    tile.dataset.key = key;
    htmlOf.set(tile, html);
    if (before) {
        const held = before.contains(document.activeElement) && document.activeElement;
        before.replaceWith(tile);
        if (held) tile.querySelector(held.matches("input") ? "input" : "button")?.focus({preventScroll: true});
    }
    return tile;
}
