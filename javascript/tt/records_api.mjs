// @ts-check
// Asking the server about records: notes of a version, and two versions side by side.
import {ROOT, ask, below, query} from "./api.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** What a person thinks of a version. @param {Place} of */
export const notes = (of) => ask("GET", below(of, "notes"));

/** @param {Place} of @param {Record<string, string>} changes */
export const writeNotes = (of, changes) => ask("PATCH", below(of, "notes"), changes);

/** @param {Place} other */
const withOther = (other) => ({with: other.version, with_project: other.project});

/** @param {Place} of @param {Place} other */
export const compare = (of, other) => ask("GET", `${below(of, "compare")}?${query(withOther(other))}`);

/** The same as one page. @param {Place} of @param {Place} other @param {boolean} download */
export const comparePageUrl = (of, other, download) => {
    const asked = {...withOther(other), language: t("en")};
    return `${ROOT}/${below(of, "compare", "page")}?${query(download ? {...asked, download} : asked)}`;
};
