// @ts-check
// The sets of pictures as bars: concepts with their repeats, and regularisation. Pictures are dropped onto them.
import {asked} from "./dialog.mjs";
import {doneElement, sayDone, unsay} from "./done.mjs";
import {fillWith, find, foldElement, h, isVisible} from "./dom.mjs";
import {edit} from "./edits.mjs";
import {openMenu} from "./menu.mjs";
import {openRegularise} from "./regularise.mjs";
import {filterBy} from "./scope.mjs";
import {change, valueOf} from "./settings.mjs";
import {barsHtml, headText, setOf, termOf, titleOf} from "./setbars.mjs";
import {known, rename, sets} from "./setlist.mjs";
import {move, moveToNew} from "./setmove.mjs";
import {here, isPlace, on, samePlace, state} from "./state.mjs";
import {fill, t} from "./words.mjs";

let number = 0,
    of = here();

export const setsElement = () =>
    h(
        "section",
        {class: "tt-sets", "aria-label": t("Sets of pictures"), hidden: true},
        foldElement(
            {},
            [h("h2", {}, t("Sets")), " ", h("span", {class: "tt-set-sum"})],
            h("ul", {class: "tt-set-list", click: onClick, change: onChange}),
            h("div", {class: "tt-set tt-set-new"}, t("Drop here for a new set")),
            h(
                "div",
                {class: "tt-acts"},
                h("button", {class: "tt-button", type: "button", "data-tool": "regularise", click: openRegularise}, t("Make regularisation pictures")), // prettier-ignore
                h("button", {class: "tt-link", type: "button", click: pickFolder}, t("Use a folder for regularisation")), // prettier-ignore
            ),
        ),
        doneElement(),
    );

/** Ask which sets there are now. */
export async function showSets() {
    const box = find(".tt-sets");
    if (!box || !isVisible()) return;
    const asking = ++number,
        place = here(),
        found = isPlace() ? await sets(place).catch(() => null) : {uses: 0, sets: []};
    if (!found || asking !== number) return;
    if (!samePlace(of, place)) unsay(box.querySelector(".tt-done"));
    of = place;
    Object.assign(known, found.error ? {uses: 0, sets: []} : found);
    show();
}
on("planned", showSets);
on("filter", () => setTimeout(show)); // when everybody has heard of it

function show() {
    const box = find(".tt-sets");
    box.hidden = !known.sets.length;
    if (box.hidden || box.querySelector(".tt-menu")) return;
    box.querySelector(".tt-set-sum").textContent = headText(known);
    fillWith(box.querySelector("ul"), barsHtml(known.sets, state.filter));
}

/** The set that an element stands in. @param {any} element */
function ofElement(element) {
    const {folder, reg} = element.closest(".tt-set").dataset;
    return setOf(known.sets, folder, reg === "true");
}

/** @param {any} event */
function onClick(event) {
    const button = event.target.closest("[data-set]"),
        set = button && ofElement(button);
    if (!set) return;
    const term = termOf(set);
    if (button.dataset.set === "filter") filterBy(state.filter === term ? "" : term);
    else openMenu(button, fill(t("Change {}"), titleOf(set)), itemsOf(set));
}

/** @param {import("./setlist.mjs").Set} set */
function itemsOf(set) {
    const ids = [...state.picked];
    const items = [{words: t("Rename..."), does: () => renameSet(set)}];
    if (!set.reg) items.push({words: t("Put a trigger word first..."), does: () => writeTrigger(set)});
    if (ids.length) items.push({words: fill(t("Move the selected pictures here: {}"), ids.length), does: () => move(ids, set)}); // prettier-ignore
    if (ids.length) items.push({words: t("Move them to a new set..."), does: () => moveToNew(ids)});
    return items;
}

/** Repeats. @param {any} event */
async function onChange({target}) {
    const set = ofElement(target),
        repeats = Number(target.value);
    if (set && Number.isInteger(repeats) && repeats >= 1 && repeats <= 10000) await changeSet(set, {repeats});
    else if (set) target.value = set.repeats;
}

/** @param {import("./setlist.mjs").Set} set */
async function renameSet(set) {
    const name = await asked({title: fill(t("Rename {}"), set.name), value: set.name, does: t("Rename")});
    if (name && name !== set.name) await changeSet(set, {name});
}

/** @param {import("./setlist.mjs").Set} set @param {{name?: string, repeats?: number}} to */
async function changeSet(set, to) {
    const shown = state.filter === termOf(set),
        done = find(".tt-sets .tt-done");
    if (!sayDone(done, await rename(of, set, to).catch(() => null))) return showSets();
    const folder = `${to.repeats ?? set.repeats}_${to.name ?? set.name}`;
    if (shown) filterBy(termOf({...set, folder}));
}

/** @param {import("./setlist.mjs").Set} set */
async function writeTrigger(set) {
    const about = t("It comes first in each caption of the set, so that a prompt can call it.");
    const word = await asked({
        title: t("Trigger word"),
        about,
        value: set.trigger || set.name,
        does: t("Put it first"),
    });
    if (!word) return;
    const steps = [{do: "add", tags: [word]}, {do: "front", tags: [word]}]; // prettier-ignore
    sayDone(find(".tt-sets .tt-done"), await edit(of, {filter: termOf(set)}, steps).catch(() => null));
}

async function pickFolder() {
    const [now = ""] = [valueOf("reg_data_dir") || []].flat(),
        about = t("It holds <repeats>_<class> folders. The version's own are used where this is empty.");
    const path = await asked({title: t("Folder of regularisation pictures"), about, value: now, does: t("Use")});
    if (path) change({reg_data_dir: [path]}, true);
}
