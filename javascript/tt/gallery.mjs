// @ts-check
// The pictures of a version, as thumbnails.
import {pictureUrl} from "./api.mjs";
import {find} from "./dom.mjs";
import {nameOf, text} from "./formats.mjs";
import {here} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

const SMALL = 256;

/** @type {string[]} */
let tiles = [];

/** The button of a picture. @param {number} id @returns {HTMLElement | null} */
export const pick = (id) => find(`.tt-gallery .tt-pick[data-picture="${id}"]`);

/** @param {any} picture @param {number} size longest side in pixels */
export const thumbOf = ({id, stamp}, size) => pictureUrl(here(), id, {stamp, size});

/** @param {{count: number, reg: number, wrong: number}} counts @param {boolean} known whether a version is chosen */
export function headHtml({count, reg, wrong}, known) {
    const cannot = `<span class="tt-warn">${fill(t("{} cannot be used"), wrong)}</span>`;
    const counts = [
        count ? fill(t(count === 1 ? "{} picture" : "{} pictures"), count) : "",
        reg ? fill(t("{} for regularisation"), reg) : "",
        wrong ? cannot : "",
    ].filter(Boolean);
    if (counts.length) return `<div class="tt-count">${counts.join(", ")}</div>`;
    return known ? `<div class="tt-empty">${t("No pictures yet. Drop some above, or paste a folder path.")}</div>` : "";
}

/** @param {any} p */
export const tileHtml = (p) =>
    `<figure class="tt-tile" translate="no" title="${text(p.caption)}">` +
    `<button class="tt-pick" data-picture="${p.id}" aria-label="${text(p.name)}">` +
    `<img loading="lazy" alt="" src="${thumbOf(p, SMALL)}"></button>` +
    `<span class="tt-badge">×${p.repeats}${p.reg ? " reg" : ""}</span>` +
    `<figcaption>${text(p.caption || p.name)}</figcaption></figure>`;

/** @param {import("./messages.mjs").Problem} p */
export const wrongHtml = (p) =>
    `<figure class="tt-tile tt-bad" title="${text(sentence(p, "remedy"))}"><b>${text(nameOf(p.value))}</b>` +
    `<div>${text(sentence(p, "remedy"))}</div></figure>`;

/** Those that are the same stay: neither place nor focus is lost. @param {any} place @param {string} head @param {string[]} wanted */
export function showTiles(place, head, wanted) {
    const grid = place.querySelector(".tt-tiles"),
        held = /** @type {any} */ (document.activeElement),
        name = place.contains(held) && held.getAttribute("aria-label");
    if (!grid || grid.children.length !== wanted.length) {
        place.innerHTML = `<div class="tt-top">${head}</div><div class="tt-tiles">${wanted.join("")}</div>`;
    } else {
        place.querySelector(".tt-top").innerHTML = head;
        wanted.forEach((tile, i) => {
            if (tile !== tiles[i]) grid.children[i].outerHTML = tile;
        });
    }
    tiles = wanted;
    const again = name && !place.contains(held) && place.querySelector(`.tt-pick[aria-label="${CSS.escape(name)}"]`);
    if (again) again.focus();
}
