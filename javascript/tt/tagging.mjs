// @ts-check
// Asking for taggers, and for what one of them proposes.
import {ask, below, query} from "./api.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {import("./edits.mjs").Chosen} Chosen */
/** @typedef {Record<string, any>} Told what a tagger is told, by name of the setting */

/** Taggers that there are. @param {string} folder looked through first; empty for none */
export const taggers = (folder) => ask("GET", `taggers?${query({tagger_folder: folder})}`);
/** @param {string} name of a published tagger @param {string} folder to put it into; empty is the usual one */
export const fetchTagger = (name, folder) => ask("POST", "taggers/fetch", {name, tagger_folder: folder});

/** How many pictures would be tagged. @param {Place} of @param {Chosen} chosen @param {Told} tagging */
export const count = (of, chosen, tagging) => ask("POST", below(of, "tagging", "count"), {...chosen, tagging});
/** @param {Place} of @param {Chosen} chosen @param {Told} tagging @param {{queue?: true}} turn */
export const tag = (of, chosen, tagging, turn) =>
    ask("POST", "jobs", {kind: "tag", ...of, ...chosen, tagging, ...turn});

/** What would be written. @param {Place} of @param {number} offset @param {number} limit captions from there on */
export const proposal = (of, offset, limit) => ask("GET", `${below(of, "tagging")}?${query({offset, limit})}`);
/** Make it otherwise. @param {Place} of @param {number} number @param {Told} settings */
export const change = (of, number, settings) => ask("PATCH", below(of, "tagging"), {number, settings});
/** @param {Place} of @param {number} number */
export const accept = (of, number) => ask("POST", below(of, "tagging", "accept"), {number});
/** @param {Place} of */
export const discard = (of) => ask("DELETE", below(of, "tagging"));
