// @ts-check
// Finding and filling places of the page.
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
    const held = /** @type {any} */ (document.activeElement),
        key = held && box.contains(held) && keyOf(held);
    box.innerHTML = html;
    box.dataset.html = html;
    if (key) [...box.querySelectorAll(held.tagName)].find((one) => keyOf(one) === key)?.focus({preventScroll: true});
    return true;
}

/** What an element is, however often it is made anew. @param {any} element */
const keyOf = (element) =>
    JSON.stringify([{...element.dataset}, element.href, element.closest("[data-name]")?.dataset.name]);

/**
 * Makes an element.
 * @param {string} tag
 * @param {Record<string, any>} [facts] attributes; functions are listeners of the event they are called after; false
 * and null leave one out
 * @param {...any} inside elements and text; false and null are left out
 * @returns {any}
 */
export function h(tag, facts = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) {
        if (typeof value === "function") made.addEventListener(name, value);
        else if (value !== false && value !== null && value !== undefined)
            made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...inside.flat(Infinity).filter((one) => one !== false && one !== null && one !== undefined));
    return made;
}

/** Less width than this has one column, with its lists folded. */
const NARROW = "(max-width: 859px)";

/** A part that can be folded, and is at first where there is little room.
 * @param {Record<string, any>} facts attributes @param {any} summary @param {...any} inside */
export function foldElement(facts, summary, ...inside) {
    const made = h("details", facts, h("summary", {}, summary), ...inside);
    made.classList.add("tt-fold");
    made.open = !matchMedia(NARROW).matches;
    return made;
}

/** Whether somebody can see the tab. */
export const isVisible = () => !document.hidden && Boolean(find(".tt-panel") && find(".tt-panel").offsetParent);

/** The HTML of a button. @param {string} name @param {string} label @param {string} title */
export const act = (name, label, title = "") =>
    `<button class="tt-button" data-act="${name}" title="${t(title)}">${t(label)}</button>`;

/** Put the keys into a box that was opened. Where it stands above what opened it, as on a phone, it is scrolled to, or
 * nobody would see it; beside it nothing moves. @param {any} box @param {any} part of it, or itself */
export function enter(box, part) {
    part.focus({preventScroll: true});
    const {top} = box.getBoundingClientRect(),
        isBeside = getComputedStyle(box).position === "sticky";
    if (!isBeside && (top < 0 || top > innerHeight / 2)) box.scrollIntoView({block: "start"});
}
