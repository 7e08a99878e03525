// @ts-check
// The view of another answer: its numbers of checkpoints, weights, setups and prompts are others. Pure.
import {BASE, OWN, columnsOf, setupsOf, without} from "./compared.mjs";

/** @typedef {import("./compared.mjs").Found} Found */
/** @typedef {import("./compared.mjs").Column} Column */
/** @typedef {import("./compareview.mjs").View} View */
/** @typedef {import("./compareview.mjs").Side} Side */
/** @typedef {{found: Found, setups: import("./compared.mjs").Setup[], columns: Column[],
 * extent: import("./compareview.mjs").Extent}} Shown */

/** Place in another list of what has the same key; -1 for none.
 * @template T @param {T[]} before @param {number} place @param {T[]} next @param {(one: T) => string} key */
const placeIn = (before, place, next, key) =>
    before[place] ? next.findIndex((one) => key(one) === key(before[place])) : -1;

/** @param {import("./compared.mjs").Variant} one */
const variantKey = ({weight, blocks}) => JSON.stringify([weight, blocks]);
/** @param {{request: Record<string, any>}} one */
const setupKey = ({request}) => without(request, OWN);
/** @param {Column} one */
const promptKey = ({request}) => JSON.stringify([request.prompt, request.negative_prompt]);

/**
 * The view with the numbers of another answer. What is gone, and the only weight or prompt that there was, which nobody
 * chose, are chosen anew.
 * @param {View} view @param {Shown} before @param {Found} next @returns {View}
 */
export function carried(view, {found, setups, columns, extent}, next) {
    const variantOf = (/** @type {number} */ variant) =>
        variant === BASE ? BASE : placeIn(found.variants, variant, next.variants, variantKey);
    const isKnown = (/** @type {number} */ variant) => variant === BASE || variantOf(variant) >= 0;
    const sideOf = (/** @type {Side | null} */ side) => {
        const checkpoint =
            side && side.checkpoint !== BASE
                ? placeIn(found.checkpoints, side.checkpoint, next.checkpoints, ({name}) => name)
                : BASE;
        const isGone = !side || !isKnown(side.variant) || (checkpoint < 0 && side.checkpoint !== BASE);
        return isGone ? null : {checkpoint, variant: variantOf(side.variant)};
    };
    const all = setupsOf(next.columns),
        setup = Math.max(0, placeIn(setups, view.setup, all, setupKey)),
        seeds = all[setup]?.seeds || [],
        shown = all[setup] ? columnsOf(all[setup], seeds.includes(view.seed) ? view.seed : seeds[0]) : [],
        prompt = extent.prompts > 1 ? placeIn(columns, view.prompt ?? -1, shown, promptKey) : -1;
    return {
        ...view,
        setup,
        variant: extent.variants.length > 1 && isKnown(view.variant) ? variantOf(view.variant) : NaN,
        prompt: prompt < 0 ? null : prompt,
        sides: {a: sideOf(view.sides.a), b: sideOf(view.sides.b)},
    };
}
