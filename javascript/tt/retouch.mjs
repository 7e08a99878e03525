// @ts-check
// Asking for other pictures or masks made of some, and for masks as they are.
import {ROOT, ask, below, query, sendForm} from "./api.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {Record<string, any>} Wish which pictures, as ``filter`` and ``ids``, and what becomes of them */

/** @param {Place} of @param {string} action @param {Wish} wish */
export const retouch = (of, action, wish) => ask("POST", below(of, "pictures", action), wish);
let anew = 0;
/** Another address each time, so that what is shown is what is there now. @param {Place} of @param {number} id */
export const maskUrl = (of, id) => `${ROOT}/${below(of, "pictures", id, "mask")}?${query({anew: ++anew})}`;
/** @param {Place} of @param {number} id @returns {Promise<Blob | null>} null where it has none */
export async function maskOf(of, id) {
    const answer = await fetch(maskUrl(of, id)).catch(() => null);
    return answer && answer.ok ? answer.blob() : null;
}
/** @param {Place} of @param {number} id @param {Blob} mask */
export function paintMask(of, id, mask) {
    const form = new FormData();
    form.append("mask", mask, "mask.png");
    return sendForm("PUT", below(of, "pictures", id, "mask"), form);
}

/** What became of ended work, as an edit that can be taken back; an error or null as they are. @param {any} work */
export function outcome(work) {
    if (!work || work.error) return work;
    const {edit, examples, refused, refused_text: texts, cancelled} = work.result,
        nothing = cancelled ? t("Cancelled: nothing was changed.") : t("No new pictures came of it."),
        {left = [], left_text: more = []} = edit || {};
    return {
        number: 0,
        label: nothing,
        ...edit,
        examples,
        left: [...refused, ...left],
        left_text: [...(texts || []), ...more],
    };
}
