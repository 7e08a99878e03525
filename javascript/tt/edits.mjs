// @ts-check
// Asking for what is wrong with pictures, for their tags, and for edits of captions.
import {ask, below, query} from "./api.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {{filter: string, ids?: number[]}} Chosen pictures that a filter means, and of these the ones with such ids */
/** @typedef {Record<string, any>} Step */

/** @param {Place} of */
export const findings = (of) => ask("GET", below(of, "doctor"));
/** What is wrong with each of some pictures. @param {Place} of @param {number[]} ids */
export const wrongWith = (of, ids) => ask("POST", below(of, "doctor", "pictures"), {ids});
/** @param {Place} of @param {string} code of a finding @param {string} remedy */
export const treat = (of, code, remedy) => ask("POST", below(of, "doctor", code, "remedy"), {remedy});

/** @param {Place} of @param {string} filter @param {number} limit */
export const tags = (of, filter, limit) => ask("GET", `${below(of, "tags")}?${query({filter, limit})}`);

/** Tags that complete what was typed of one. @param {Place} of @param {string} prefix @param {number} limit */
export const completions = (of, prefix, limit) =>
    ask("GET", `${below(of, "tags", "completions")}?${query({prefix, limit})}`);
/** Where tokens of a caption's line end. @param {Place} of @param {string[]} parts of it */
export const countTokens = (of, parts) => ask("POST", below(of, "captions", "tokens"), {parts});

/** What an edit would do. @param {Place} of @param {Chosen} chosen @param {Step[]} steps */
export const preview = (of, chosen, steps) => ask("POST", below(of, "captions", "preview"), {...chosen, steps});
/** @param {Place} of @param {Chosen} chosen @param {Step[]} steps */
export const edit = (of, chosen, steps) => ask("POST", below(of, "captions", "edit"), {...chosen, steps});

/** Common tags to decide on. @param {Place} of @param {Chosen} chosen @param {string} trigger */
export const proposals = (of, chosen, trigger) => ask("POST", below(of, "binding", "proposals"), {...chosen, trigger});
/** @param {Place} of @param {Record<string, any>} choice */
export const bind = (of, choice) => ask("POST", below(of, "binding"), choice);
/** What a choice would write. @param {Place} of @param {Record<string, any>} choice */
export const bindPreview = (of, choice) => ask("POST", below(of, "binding", "preview"), choice);
