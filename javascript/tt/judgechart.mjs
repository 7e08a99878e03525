// @ts-check
// One figure over the checkpoints of a run, as a line of points.

/** @typedef {{name: string, run: string, step: number | null, epoch: number | null, figures: Record<string, number>,
 * seconds: number}} Judged */
/** @typedef {{name: string, percent: boolean, higher_is_better: boolean}} Shown */

export const WIDTH = 240,
    HEIGHT = 64;
const RIM = 6,
    LEAST = 0.02; // of the scale: what changes less is drawn flat

/** The checkpoints of the run that was measured last. @param {Judged[]} checkpoints @returns {Judged[]} */
export const ofNewest = (checkpoints) =>
    checkpoints.filter((one) => one.run === checkpoints[checkpoints.length - 1].run);

/** Values at the lower and the upper edge of the chart. @param {number[]} values at least one @returns {[number, number]} */
export function scaleOf(values) {
    const low = Math.min(...values);
    return [low, low + Math.max(Math.max(...values) - low, LEAST)];
}

/** Places in the chart of values from the first to the last. @param {number[]} values @returns {[number, number][]} */
export function pointsOf(values) {
    const [low, high] = scaleOf(values),
        wide = WIDTH - 2 * RIM,
        tall = HEIGHT - 2 * RIM;
    return values.map((value, i) => [
        RIM + (values.length > 1 ? (i * wide) / (values.length - 1) : wide / 2),
        RIM + tall * (1 - (value - low) / (high - low)),
    ]);
}

/** A value as it is shown. @param {number} value @param {Shown} figure */
export const shownValue = (value, {percent}) => (percent ? `${Math.round(100 * value)} %` : value.toFixed(2));
