// @ts-check
// Finding and filling places of the page.
import {text} from "./formats.mjs";
import {t} from "./words.mjs";

export const page = () => (typeof gradioApp === "function" ? gradioApp() : document);

/** @param {string} selector @returns {any} the first element; null where there is none */
export const find = (selector) => page().querySelector(selector);

/** @param {string} selector below the tab's root @returns {any[]} */
export const all = (selector) => [...page().querySelectorAll(`#train_tools_root ${selector}`)];

/** @param {Event} event @param {string} selector below the tab's root @returns {any} what was acted on, or null */
export function within(event, selector) {
    const target = /** @type {any} */ (event.target);
    return (target.closest && target.closest(`#train_tools_root ${selector}`)) || null;
}

/** @param {Event} event @param {string} selector below the tab's root */
export function isOn(event, selector) {
    const target = /** @type {any} */ (event.target);
    return Boolean(target.matches && target.matches(`#train_tools_root ${selector}`));
}

/**
 * Fills an element only where that changes something: a selection and the focus stay.
 * @param {any} box
 * @param {string} html
 * @returns {boolean} whether it was filled
 */
export function fillWith(box, html) {
    if (box.dataset.html === html) return false;
    box.innerHTML = html;
    box.dataset.html = html;
    return true;
}

/** Whether somebody can see the tab. */
export const seen = () => !document.hidden && Boolean(find(".tt-panel") && find(".tt-panel").offsetParent);

/** The HTML of a button. @param {string} name @param {string} label @param {string} title */
export const act = (name, label, title = "") =>
    `<button class="sm secondary gradio-button" data-act="${name}" title="${t(title)}">${t(label)}</button>`;

/** The HTML of a figure with its name below. @param {any} value @param {string} label @param {string} title */
export const card = (value, label, title = "") =>
    `<div class="tt-card" title="${t(title)}"><b>${text(value)}</b><span>${t(label)}</span></div>`;
