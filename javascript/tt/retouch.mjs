// @ts-check
// Asking for other pictures made of some, for masks, and how far such work is.
import {ROOT, ask, below, query, sendForm} from "./api.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {Record<string, any>} Wish which pictures, as ``filter`` and ``ids``, and what becomes of them */

const STEP_MS = 300;

/** @param {Place} of @param {string} action @param {Wish} wish */
export const retouch = (of, action, wish) => ask("POST", below(of, "pictures", action), wish);
/** @param {Place} of */
export const works = (of) => ask("GET", below(of, "works"));
/** @param {Place} of @param {number} number */
export const cancelWork = (of, number) => ask("DELETE", below(of, "works", number));

/** @param {Place} of @param {Wish} wish */
export const makeMasks = (of, wish) => ask("POST", below(of, "pictures", "masks"), wish);
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

/**
 * Waits until work has ended.
 * @param {Place} of
 * @param {any} work as it was answered when it began; null without an answer
 * @param {(work: any) => void} [shown] is told how far it is
 * @returns {Promise<any>} the same when it has ended, or an error
 */
export async function ended(of, work, shown) {
    let now = work;
    while (now && now.number && !now.ended) {
        if (shown) shown(now);
        await new Promise((done) => setTimeout(done, STEP_MS));
        now = (await ask("GET", below(of, "works", now.number)).catch(() => null)) || now;
    }
    return now;
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
