// @ts-check
// Asking the server for figures of checkpoints.
import {ask, below} from "./api.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** What is known of a version's checkpoints. @param {Place} of */
export const figures = (of) => ask("GET", below(of, "figures"));
/** Measure those of the newest run. @param {Place} of @param {{queue?: boolean}} turn */
export const judge = (of, turn) => ask("POST", below(of, "figures"), turn);
