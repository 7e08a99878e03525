// @ts-check
// Asking the server what of a version can be compared, and telling it what was decided.
import {ask, below, query, routeUrl} from "./api.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {{verdict?: string, note?: string}} Decided */

/** @param {Place} of */
export const comparison = (of) => ask("GET", below(of, "comparison"));
/** @param {Place} of @param {string} name of a checkpoint @param {Decided} change */
export const decide = (of, name, change) => ask("PATCH", below(of, "checkpoints", name), change);
/** @param {Place} of @param {Record<string, any>} wish columns, weight, blocks, checkpoints */
export const makeMissing = (of, wish) => ask("POST", below(of, "comparison", "missing"), wish);
/** @param {Place} of @param {string[]} checkpoints each with its weight behind a colon @param {Record<string, any>} settings */
export const mixCheckpoints = (of, checkpoints, settings) =>
    ask("POST", below(of, "comparison", "mix"), {checkpoints, tool_settings: settings});

/** A picture, large enough for a part of the page. @param {string} path @param {number} side pixels */
export const scaledUrl = (path, side) => `${routeUrl("previews/image")}?${query({path, small: true, side})}`;
