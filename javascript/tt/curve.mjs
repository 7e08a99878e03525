// @ts-check
// The mathematics of the loss chart.

/** @typedef {[number, number]} Point step and loss */

const KEEP = 0.95, // of the mean of the steps before
    SHOWN = 0.98; // of the losses lie below the upper edge: single outliers would flatten the rest

/** Losses, each averaged with those before it. @param {number[]} losses */
export function smoothed(losses) {
    let mean = losses[0];
    return losses.map((loss) => (mean = KEEP * mean + (1 - KEEP) * loss));
}

/** The least loss, and one that few exceed. @param {number[]} losses */
export function limits(losses) {
    const sorted = [...losses].sort((a, b) => a - b);
    return [sorted[0], sorted[Math.floor(sorted.length * SHOWN)] || 1];
}

/** Add the points that come after the last one. @param {Point[]} curve @param {Point[]} more */
export function append(curve, more) {
    for (const point of more) if (point[0] > lastStep(curve)) curve.push(point);
}

/** @param {Point[]} curve */
export const lastStep = (curve) => (curve.length ? curve[curve.length - 1][0] : 0);

/** The place of a step, or of the next one there is; -1 behind the end. @param {Point[]} curve @param {number} step */
export const placeOf = (curve, step) => curve.findIndex((point) => point[0] >= step);

/**
 * Where a key leads from a place on the curve.
 * @param {string} key
 * @param {boolean} far a twentieth of the curve at once
 * @param {number} at
 * @param {number} last
 * @returns {number | null} null for other keys
 */
export function moved(key, far, at, last) {
    const by = far ? Math.ceil(last / 20) : 1;
    /** @type {Record<string, number>} */
    const places = {ArrowLeft: at - by, ArrowRight: at + by, Home: 0, End: last};
    return key in places ? Math.min(last, Math.max(0, places[key])) : null;
}
