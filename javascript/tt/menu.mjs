// @ts-check
// A small menu at a button.
import {h} from "./dom.mjs";

/** @typedef {{words: string, does: () => any}} Item */

/** @type {Record<string, number>} */
const BY = {ArrowDown: 1, ArrowUp: -1};

/**
 * Opens a menu below a button; it goes when something is chosen, by Escape, or when somebody goes elsewhere.
 * @param {HTMLElement} button gets the keys back
 * @param {string} label
 * @param {Item[]} items
 */
export function openMenu(button, label, items) {
    const menu = h("div", {
        class: "tt-menu",
        role: "menu",
        "aria-label": label,
        keydown: (/** @type {KeyboardEvent} */ event) => onKey(event, [...menu.children], () => close(true)),
        focusout: (/** @type {FocusEvent} */ event) => {
            if (!menu.contains(/** @type {any} */ (event.relatedTarget))) close(false);
        },
    });
    /** @param {boolean} givesBack */
    const close = (givesBack) => {
        if (!menu.isConnected) return;
        button.setAttribute("aria-expanded", "false");
        if (givesBack) button.focus();
        menu.remove();
    };
    const chosen = (/** @type {Item} */ item) => {
        close(true);
        item.does();
    };
    menu.append(
        ...items.map((item) =>
            h("button", {type: "button", role: "menuitem", tabindex: "-1", click: () => chosen(item)}, item.words),
        ),
    );
    button.setAttribute("aria-expanded", "true");
    button.after(menu);
    menu.firstElementChild.focus();
    const right = menu.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    if (right > 0) menu.style.marginLeft = `${-right}px`;
}

/** @param {KeyboardEvent} event @param {any[]} all items @param {() => void} close */
function onKey(event, all, close) {
    const at = all.indexOf(event.target);
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (event.key in BY) all[(at + BY[event.key] + all.length) % all.length].focus();
    else if (event.key === "Home" || event.key === "End") all[event.key === "Home" ? 0 : all.length - 1].focus();
    else return;
    event.stopPropagation();
    if (event.key !== "Tab") event.preventDefault();
}
