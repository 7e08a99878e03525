// @ts-check
// Asking the server about records: notes of a version, and two versions side by side.
import {ask, below, query} from "./api.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** What a person thinks of a version. @param {Place} of */
export const notes = (of) => ask("GET", below(of, "notes"));

/** @param {Place} of @param {Record<string, string>} changes */
export const writeNotes = (of, changes) => ask("PATCH", below(of, "notes"), changes);

/** @param {Place} of @param {Place} other */
export const compare = (of, other) =>
    ask("GET", `${below(of, "compare")}?${query({with: other.version, with_project: other.project})}`);
