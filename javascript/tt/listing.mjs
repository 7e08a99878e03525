// @ts-check
// The pictures that are shown: all ids in their order, and what is known of those in sight.
import * as api from "./api.mjs";
import {here, samePlace, state} from "./state.mjs";
import {lacking} from "./virtual.mjs";

const PART = 100;

/** @typedef {{sort: string, leftOut: boolean}} View */
/** @type {{of: import("./state.mjs").Place, ids: number[], parts: Map<number, any[] | null>, found: any, error: any}} */
export const listing = {of: {project: "", version: ""}, ids: [], parts: new Map(), found: {}, error: null};
/** @type {View} */
export const view = {sort: "", leftOut: false};
let asked = 0;

const wish = () => ({filter: state.filter, sort: view.sort, left_out: view.leftOut});

/** What is known of the picture at a place; undefined where it was not asked for yet. @param {number} place */
export const pictureAt = (place) => listing.parts.get(Math.floor(place / PART) * PART)?.[place % PART];

/**
 * Asks for the list anew, with what stands in a range.
 * @param {[number, number]} range first place in sight, and the one behind the last
 * @returns {Promise<boolean>} whether there is an answer that is still wanted
 */
export async function renew(range) {
    const of = here(),
        number = ++asked,
        known = Boolean(of.project && of.version),
        offset = Math.floor(range[0] / PART) * PART;
    const found = known
        ? await api.pictures(of, {...wish(), offset, limit: PART, ids: true}).catch(() => null)
        : {ids: [], pictures: [], counts: null};
    if (!found || number !== asked || !samePlace(of, here())) return false;
    listing.error = found.error || null;
    if (found.error) return true; // those that were shown stay
    Object.assign(listing, {of, found, ids: found.ids, parts: new Map([[offset, found.pictures]])});
    await complete(range);
    return number === asked;
}

/**
 * Asks for what stands in a range and is not known yet.
 * @param {[number, number]} range
 * @returns {Promise<boolean>} whether something was asked for
 */
export async function complete(range) {
    const number = asked,
        last = Math.min(range[1], listing.ids.length),
        offsets = lacking([range[0], last], PART, (offset) => listing.parts.has(offset));
    await Promise.all(
        offsets.map(async (offset) => {
            listing.parts.set(offset, null); // it is on its way
            const found = await api.pictures(listing.of, {...wish(), offset, limit: PART}).catch(() => null);
            if (number !== asked) return;
            if (found && !found.error) listing.parts.set(offset, found.pictures);
            else listing.parts.delete(offset);
        }),
    );
    return offsets.length > 0;
}
