// @ts-check
// The tags of the pictures that are shown, with how many of them have each. A click filters; a menu edits.
import {asked} from "./dialog.mjs";
import {doneElement, holdUndo, sayDone, unsay} from "./done.mjs";
import {fillWith, find, h, isVisible} from "./dom.mjs";
import * as edits from "./edits.mjs";
import {openMenu} from "./menu.mjs";
import {filterBy} from "./scope.mjs";
import {here, isPlace, on, samePlace, state} from "./state.mjs";
import {listItems} from "./taglists.mjs";
import {headText, tagsHtml} from "./tags.mjs";
import {asTerm, toggled, withTerm} from "./terms.mjs";
import {fill, t} from "./words.mjs";

const SHOWN = 40,
    MOST = 1000,
    CHOOSING = 300; // milliseconds
let number = 0,
    later = 0,
    most = SHOWN,
    of = here(),
    known = /** @type {any} */ (null);

export const cloudElement = () =>
    h(
        "section",
        {class: "tt-cloud", "aria-label": t("Tags of the captions"), hidden: true},
        h("div", {class: "tt-cloud-head"}, h("h2", {}, t("Tags")), " ", h("span", {class: "tt-fine"})),
        h("div", {
            class: "tt-tags",
            role: "toolbar",
            "aria-label": t("Tags: arrow keys go from one to the next"),
            click: onClick,
            keydown: onKey,
            contextmenu: onMenu,
        }),
        h("button", {class: "tt-link", type: "button", hidden: true, click: more}),
        doneElement(),
    );

/** Ask which tags there are now. */
export async function showTags() {
    const box = find(".tt-cloud");
    if (!box || !isVisible()) return;
    const asking = ++number,
        place = here(),
        found = isPlace() ? await edits.tags(place, state.filter, MOST).catch(() => null) : {tags: []};
    if (!found || asking !== number || found.error) return; // a filter that cannot be read is told of elsewhere
    if (!samePlace(of, place)) {
        unsay(box.querySelector(".tt-done"));
        most = SHOWN;
    }
    [known, of] = [found, place];
    show();
}
on("planned", showTags);
on("filter", () => setTimeout(showTags)); // when everybody has heard of it

function show() {
    const box = find(".tt-cloud"),
        {tags} = known,
        button = box.querySelector(":scope > .tt-link");
    clearTimeout(later);
    if (box.querySelector(".tt-menu")) {
        later = setTimeout(show, CHOOSING); // what somebody is choosing from stays
        return;
    }
    box.hidden = !tags.length && !state.filter;
    box.querySelector(".tt-fine").textContent = headText(known, state.filter);
    fillWith(box.querySelector(".tt-tags"), tagsHtml(tags.slice(0, most), state.filter));
    button.hidden = tags.length <= SHOWN;
    button.textContent = tags.length > most ? fill(t("Show {} more"), tags.length - most) : t("Show fewer");
    reach(box.querySelector(".tt-tags button"));
}

const more = () => {
    most = most === SHOWN ? MOST : SHOWN;
    show();
};

/** The Tab key comes to one of them, and arrow keys to the others. @param {any} button */
function reach(button) {
    if (!button) return;
    for (const one of find(".tt-tags").querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
    button.tabIndex = 0;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
    const all = [...find(".tt-tags").querySelectorAll("[data-tag], [data-menu]")],
        at = all.indexOf(event.target),
        by = {ArrowLeft: -1, ArrowUp: -2, ArrowRight: 1, ArrowDown: 2}[event.key],
        to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 2 : by && at + by;
    if (at < 0 || to === undefined || !all[to]) return;
    event.preventDefault();
    reach(all[to]);
    all[to].focus();
}

/** @param {any} event */
function onClick(event) {
    const button = event.target.closest("[data-tag], [data-menu]");
    if (!button) return;
    const {tag, menu} = button.dataset;
    if (menu === undefined) filterBy(toggled(state.filter, asTerm(tag)));
    else menuOf(button, menu);
}

/** The right button of a mouse, or the menu key. @param {any} event */
function onMenu(event) {
    const place = event.target.closest(".tt-tagged");
    if (!place) return;
    event.preventDefault();
    const button = place.querySelector("[data-menu]");
    menuOf(button, button.dataset.menu);
}

/** @param {HTMLElement} button @param {string} tag */
function menuOf(button, tag) {
    const filter = state.filter,
        count = known.tags.find((/** @type {any} */ one) => one.tag === tag).pictures;
    openMenu(button, fill(t("Edit {}"), tag), [
        {
            words: fill(t(count === 1 ? "Remove it from {} caption" : "Remove it from {} captions"), count),
            does: () => edit({do: "remove", tags: [tag]}),
        },
        {words: t("Rename it..."), does: () => rename(tag)},
        {words: t("Move it to the front"), does: () => edit({do: "front", tags: [tag]})},
        ...listItems(tag),
        {words: t("Show pictures without it"), does: () => filterBy(withTerm(filter, `-${asTerm(tag)}`))},
    ]);
}

/** @param {string} tag */
async function rename(tag) {
    const to = await asked({title: fill(t("Rename {}"), tag), value: tag, does: t("Rename")});
    if (to && to !== tag) edit({do: "replace", find: tag, to});
}

/** In the pictures that are shown. @param {import("./edits.mjs").Step} step */
async function edit(step) {
    const box = find(".tt-cloud .tt-done");
    if (sayDone(box, await edits.edit(of, {filter: state.filter}, [step]).catch(() => null))) holdUndo(box);
}
