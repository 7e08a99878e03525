// @ts-check
// Selecting pictures, by mouse and by keys.
import {drawer} from "./caption.mjs";
import {within} from "./dom.mjs";
import {box, draw, hold, marks, range} from "./grid.mjs";
import {listing} from "./listing.mjs";
import {nothing, pick, pickAll} from "./picking.mjs";
import {on, state, tell} from "./state.mjs";
import {stepTo} from "./virtual.mjs";

/** @param {import("./picking.mjs").Picked} wanted */
function select(wanted) {
    marks.picked = wanted;
    state.picked = wanted.ids;
    tell("picked");
    draw();
}

export const selectNone = () => select(nothing());

/** @param {MouseEvent} event */
function onClick(event) {
    const check = within(event, ".tt-tiles [data-select]"),
        button = within(event, ".tt-tiles [data-picture]"),
        modified = event.shiftKey || event.ctrlKey || event.metaKey;
    if (button) marks.held = Number(button.dataset.picture);
    if (!check && !(button && modified)) return;
    event.stopPropagation();
    const id = Number(check ? check.dataset.select : button.dataset.picture);
    select(
        pick(marks.picked, listing.ids, id, {
            range: event.shiftKey,
            more: Boolean(check) || event.ctrlKey || event.metaKey,
        }),
    );
}

/** @param {KeyboardEvent} event */
function onKey(event) {
    if (!within(event, ".tt-tiles")) return;
    const id = Number(within(event, ".tt-pick")?.dataset.picture),
        at = listing.ids.indexOf(id);
    if ((event.ctrlKey || event.metaKey) && event.key === "a") select(pickAll(marks.picked, listing.ids));
    else if (at < 0) return;
    else if (event.key === " ") select(pick(marks.picked, listing.ids, id, {range: event.shiftKey, more: true}));
    else {
        const {grid} = range(),
            to = stepTo(event.key, at, listing.ids.length, grid.columns, Math.floor(box().clientHeight / grid.step));
        if (to === null || drawer.open) return;
        if (event.shiftKey) {
            const from = marks.picked.anchor === null ? pick(marks.picked, listing.ids, id, {}) : marks.picked;
            select(pick(from, listing.ids, listing.ids[to], {range: true}));
        }
        hold(to);
    }
    event.preventDefault();
}

/** A button is pressed when this key is let go. @param {KeyboardEvent} event */
function onKeyUp(event) {
    if (event.key === " " && within(event, ".tt-pick")) event.preventDefault();
}

on("place", selectNone);
document.addEventListener("click", onClick, true);
document.addEventListener("keydown", onKey);
document.addEventListener("keyup", onKeyUp);
