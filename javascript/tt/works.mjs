// @ts-check
// Work of the server that takes a while: how far it is, and cancelling it.
import {ask, below} from "./api.mjs";

const AGAIN_MS = 300;

/** @typedef {{number: number, done: number, total: number, ended: boolean, error?: any}} Work */
/** @typedef {import("./state.mjs").Place} Place */

/** @param {Place} of @param {number} number */
const route = (of, number) => below(of, "works", number);

/** @param {Place} of @param {number} number */
export const cancelWork = (of, number) => ask("DELETE", route(of, number));

/**
 * Wait until it has ended.
 * @param {Place} of
 * @param {Work} work as it was begun; what is none is given back
 * @param {(work: Work) => void} told how far it is
 * @returns {Promise<any>} the work as it ended, or with its error; null without an answer
 */
export async function workEnded(of, work, told) {
    /** @type {any} */
    let found = work;
    while (found && !found.error && !found.ended) {
        told(found);
        await new Promise((later) => setTimeout(later, AGAIN_MS));
        found = await ask("GET", route(of, work.number)).catch(() => null);
    }
    return found;
}
