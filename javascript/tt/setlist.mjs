// @ts-check
// The folders of pictures as sets: what the server knows of them, and what it is asked to do with them.
import {ask, below} from "./api.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {{folder: string, name: string, reg: boolean, pictures: number, repeats: number, uses: number, share: number,
 * trigger: string}} Set */
/** @typedef {{filter?: string, ids?: number[]}} Some */
/** @typedef {{name: string, repeats: number, reg: boolean}} Target a set, there or not */

/** @type {{uses: number, sets: Set[]}} those of the chosen version, as they were told last */
export const known = {uses: 0, sets: []};

/** @param {Place} of */
export const sets = (of) => ask("GET", below(of, "sets"));
/** @param {Place} of @param {Some} some @param {Target} target */
export const moveInto = (of, some, {name, repeats, reg}) =>
    ask("POST", below(of, "sets", "move"), {...some, name, repeats, reg});
/** @param {Place} of @param {Set} set @param {{name?: string, repeats?: number}} change */
export const rename = (of, {folder, reg, name, repeats}, change) =>
    ask("POST", below(of, "sets", "rename"), {folder, reg, name, repeats, ...change});

/** What regularisation pictures can be made. @param {Place} of */
export const wished = (of) => ask("GET", below(of, "regularisation"));
/** @param {Place} of @param {Record<string, any>} settings */
export const wouldMake = (of, settings) => ask("POST", below(of, "regularisation", "preview"), {settings});
/** @param {Place} of @param {Record<string, any>} regularisation settings by name @param {{queue?: true}} turn */
export const make = (of, regularisation, turn) =>
    ask("POST", "jobs", {kind: "regularise", ...of, regularisation, ...turn});
