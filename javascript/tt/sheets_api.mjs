// @ts-check
// Asking the server about sheets by axes.
import {ROOT, ask, below, query} from "./api.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {{rows: string, columns: string, pages: string}} Sides */

/** Axes, and the sheets that there are. @param {Place} of */
export const sheets = (of) => ask("GET", below(of, "sheets"));
/** @param {Place} of @param {Sides & {dry_run: boolean}} wish */
export const beginSheet = (of, wish) => ask("POST", below(of, "sheets"), {...wish, language: t("en")});
/** @param {Place} of @param {string} name @param {"html" | "json"} kind @param {boolean} download */
export const sheetUrl = (of, name, kind, download) =>
    `${ROOT}/${below(of, "sheets", name, "file")}?${query(download ? {kind, download} : {kind})}`;
