// @ts-check
// Pictures go into another set: by a menu at the selection, or dropped onto its bar.
import {asked} from "./dialog.mjs";
import {find, h} from "./dom.mjs";
import {sayDone} from "./done.mjs";
import {openMenu} from "./menu.mjs";
import {setOf, targetOf, titleOf} from "./setbars.mjs";
import {known, moveInto} from "./setlist.mjs";
import {here, on, state} from "./state.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./setlist.mjs").Target} Target */

const USUAL = 10; // repeats

export const moveElement = () =>
    h(
        "span",
        {class: "tt-move-to"},
        h("button", {class: "tt-button", id: "train_tools_move", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", click: open}, t("Move to set")), // prettier-ignore
    );

/** @param {any} event */
function open({currentTarget}) {
    openMenu(currentTarget, t("Move to set"), [
        ...known.sets.map((set) => ({words: titleOf(set), does: () => move([...state.picked], set)})),
        {words: t("New set..."), does: () => moveToNew([...state.picked])},
        {words: t("New set for regularisation..."), does: () => moveToNew([...state.picked], true)},
    ]);
}

/** @param {number[]} ids @param {Target} target */
export async function move(ids, target) {
    if (!ids.length) return;
    const box = find(".tt-sets .tt-done"),
        {name, repeats, reg} = target;
    sayDone(box, await moveInto(here(), {ids}, {name, repeats, reg}).catch(() => null));
    box.scrollIntoView({block: "nearest"});
}

/** Ask for its name first. @param {number[]} ids @param {boolean} reg */
export async function moveToNew(ids, reg = false) {
    const repeats = reg ? 1 : known.sets.find((one) => !one.reg)?.repeats || USUAL,
        about = t("Pictures of one concept, such as hat; a number before it sets the repeats: 5_hat.");
    const words = await asked({title: t("Name of the new set"), about, value: "", does: t("Move")});
    if (words) move(ids, {...targetOf(words, repeats), reg});
}

/** Ids that are dragged. @type {number[]} */
let dragged = [];

/** @param {any} event */
function onStart(event) {
    const tile = event.target.closest?.("#train_tools_root .tt-tiles .tt-tile"),
        id = Number(tile?.querySelector("[data-picture]")?.dataset.picture);
    if (!id || !event.dataTransfer) return;
    dragged = state.picked.has(id) ? [...state.picked] : [id];
    event.dataTransfer.clearData();
    event.dataTransfer.setData("text/plain", dragged.join(" ")); // Firefox drags nothing else
    event.dataTransfer.effectAllowed = "move";
    const badge = h("div", {class: "tt-dragged"}, `${dragged.length}`);
    find("#train_tools_root").append(badge);
    event.dataTransfer.setDragImage(badge, 16, 16);
    setTimeout(() => badge.remove());
    setTimeout(shown, 0, true); // a browser ends a drag whose page changes at once
}

/** @param {boolean} drags */
function shown(drags) {
    find("#train_tools_root").classList.toggle("tt-drags", drags);
    const fold = find(".tt-sets details");
    if (drags && fold) fold.open = true;
}

/** @param {any} event */
function onOver(event) {
    const place = dragged.length && event.target.closest?.("#train_tools_root .tt-set");
    for (const one of find(".tt-sets")?.querySelectorAll(".tt-over") || []) if (one !== place) one.classList.remove("tt-over"); // prettier-ignore
    if (!place) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    place.classList.add("tt-over");
}

/** @param {any} event */
function onDrop(event) {
    const place = dragged.length && event.target.closest?.("#train_tools_root .tt-set");
    if (!place) return;
    event.preventDefault();
    event.stopPropagation();
    const ids = dragged,
        {folder, reg} = place.dataset;
    onEnd();
    const set = setOf(known.sets, folder, reg === "true");
    if (set) move(ids, set);
    else moveToNew(ids);
}

function onEnd() {
    if (!dragged.length) return;
    dragged = [];
    shown(false);
    for (const one of find(".tt-sets").querySelectorAll(".tt-over")) one.classList.remove("tt-over");
}

document.addEventListener("dragstart", onStart);
document.addEventListener("dragover", onOver);
document.addEventListener("drop", onDrop, true);
document.addEventListener("dragend", onEnd);
on("picked", () => find("#train_tools_move")?.toggleAttribute("hidden", !state.picked.size));
