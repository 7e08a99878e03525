// @ts-check
// Pages of the tab, of which one is shown, as tabs that arrow keys go through.
import {all, find, h} from "./dom.mjs";

/** @typedef {{id: string, title: string, element: any, shown?: () => void}} Page ``shown`` is called when somebody opens it */

/** @type {Map<string, () => void>} */
const opened = new Map();

/** @param {Page[]} pages */
export function pagesElement(pages) {
    for (const {id, shown} of pages) if (shown) opened.set(id, shown);
    const tabs = pages.map(({id, title}) =>
        h(
            "button",
            {
                role: "tab",
                id: `tt-tab-${id}`,
                "aria-controls": `tt-page-${id}`,
                "data-page": id,
                click: () => showPage(id),
            },
            title,
        ),
    );
    const panels = pages.map(({id, element}) =>
        h(
            "div",
            {role: "tabpanel", id: `tt-page-${id}`, "aria-labelledby": `tt-tab-${id}`, "tt-show": () => showPage(id)},
            element,
        ),
    );
    return h("div", {class: "tt-pages"}, h("div", {role: "tablist", keydown: onKey}, tabs), panels);
}

/** @param {string} id */
export function showPage(id) {
    for (const tab of all("[role=tab]")) {
        const isShown = tab.dataset.page === id;
        tab.setAttribute("aria-selected", String(isShown));
        tab.tabIndex = isShown ? 0 : -1;
        find(`#tt-page-${tab.dataset.page}`).hidden = !isShown;
    }
    opened.get(id)?.();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
    const tabs = all("[role=tab]"),
        by = {ArrowLeft: -1, ArrowRight: 1}[event.key],
        at = tabs.indexOf(event.target);
    if (!by || at < 0) return;
    event.preventDefault();
    const next = tabs[(at + by + tabs.length) % tabs.length];
    showPage(next.dataset.page);
    next.focus();
}
