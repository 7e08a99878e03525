// @ts-check
// Asking the server about sweeps.
import {ROOT, ask, below, query} from "./api.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** @param {Place} of */
export const sweeps = (of) => ask("GET", below(of, "sweeps"));
/** @param {Place} of @param {{axes: Record<string, string>, prompts: string, dry_run?: boolean, revision?: number}} wish */
export const beginSweep = (of, wish) => ask("POST", below(of, "sweeps"), {...wish, language: t("en")});
/** Make its report anew. @param {Place} of @param {string} name */
export const makeReport = (of, name) => ask("POST", below(of, "sweeps", name, "report"), {language: t("en")});
/** @param {Place} of @param {string} name @param {"html" | "png" | "csv"} kind @param {boolean} download */
export const reportUrl = (of, name, kind, download) =>
    `${ROOT}/${below(of, "sweeps", name, "report")}?${query(download ? {kind, download} : {kind})}`;
