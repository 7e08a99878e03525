// @ts-check
// What the page Compare shows now, for all of its parts: the answer, the view, and what follows from both.
import {columnsOf, lastDrawn, setupsOf, shownOf, variantsIn} from "./compared.mjs";
import {carried} from "./comparecarry.mjs";
import {fitted, fresh, movedTo} from "./compareview.mjs";

/** @typedef {import("./compared.mjs").Found} Found */
/** @typedef {import("./compared.mjs").Column} Column */
/** @typedef {import("./compareview.mjs").View} View */

/** @returns {Found} */
const nothing = () => ({checkpoints: [], variants: [], columns: [], folders: [], ends: [], pictures: [], untold: 0, gone: 0}); // prettier-ignore

export const now = {
    found: nothing(),
    /** whether there was an answer */
    isKnown: false,
    view: fresh(),
    /** @type {import("./compared.mjs").Setup[]} */
    setups: [],
    /** @type {Column[]} of the setup and the seed, one a prompt */
    columns: [],
    /** @type {import("./compareview.mjs").Extent} */
    extent: {checkpoints: [], variants: [], prompts: 0},
    /** zoom at which a pixel of the pictures is one of the screen */
    real: 1,
};

/** @type {{parts: (() => void)[], frame: (() => void)[]}} */
const heard = {parts: [], frame: []};
let waiting = 0,
    hasParts = false;

/** @param {"parts" | "frame"} what parts: other pictures, or other controls; frame: slider, zoom or wipe moved
 * @param {() => void} does */
export const draws = (what, does) => heard[what].push(does);

let wanted = "";

/** Have a checkpoint in sight as soon as it is known. @param {string} name of its file */
export const goTo = (name) => (wanted = name);

/** Another answer; null where there is none. @param {Found | null} found @param {boolean} isOther of another version */
export function take(found, isOther) {
    const was = isOther ? null : nameAt();
    now.view = isOther ? fresh() : carried(now.view, now, found || nothing());
    now.found = found || nothing();
    now.isKnown = Boolean(found);
    derive();
    const placeOf = (/** @type {string | null} */ name) =>
        name ? now.extent.checkpoints.findIndex((one) => now.found.checkpoints[one].name === name) : -1;
    const comes = placeOf(wanted),
        stays = isOther ? lastDrawn(now.columns, now.extent.checkpoints, now.view.variant) : placeOf(was),
        same = comes >= 0 ? comes : stays;
    if (comes >= 0) wanted = "";
    if (comes >= 0) now.view = movedTo(now.view, now.extent, comes);
    else if (same >= 0) now.view = {...now.view, at: same};
    draw(true);
}

/** Name of the checkpoint in sight. */
export const nameAt = () => checkpointAt()?.name || null;

/** The checkpoint in sight; undefined where there is none. */
export const checkpointAt = () => now.found.checkpoints[now.extent.checkpoints[Math.round(now.view.at)]];

/** Look otherwise. @param {View} view */
export function see(view) {
    const before = now.view;
    now.view = view;
    const names = /** @type {const} */ ([
        "run",
        "hides",
        "setup",
        "seed",
        "variant",
        "prompt",
        "wipes",
        "sides",
        "side",
    ]);
    const others = names.some((name) => before[name] !== view[name]);
    if (others) derive();
    draw(others);
}

function derive() {
    const {found} = now;
    now.setups = setupsOf(found.columns);
    const setup = now.setups[Math.min(now.view.setup, now.setups.length - 1)],
        seed = setup && (setup.seeds.includes(now.view.seed) ? now.view.seed : setup.seeds[0]);
    now.columns = setup ? columnsOf(setup, seed) : [];
    now.extent = {
        checkpoints: shownOf(found.checkpoints, now.view),
        variants: variantsIn(now.columns),
        prompts: now.columns.length,
    };
    now.view = fitted({...now.view, seed: seed ?? 0, setup: setup ? now.setups.indexOf(setup) : 0}, now.extent);
}

/** @param {boolean} parts */
function draw(parts) {
    hasParts ||= parts;
    waiting ||= requestAnimationFrame(() => {
        waiting = 0;
        if (hasParts) for (const one of heard.parts) one();
        hasParts = false;
        for (const one of heard.frame) one();
    });
}
