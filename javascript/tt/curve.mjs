// @ts-check
// The mathematics of the chart: values by step.

/** @typedef {[number, number]} Point step and value */
/** @typedef {Record<string, Point[]>} Series points by name, steps growing */

const KEEP = 0.95, // of the mean of the steps before
    CUT = 0.02, // of the values at each end may lie outside of the chart: single outliers would flatten the rest
    FEW = 8, // values of which none can be told to be an outlier
    LEAST = 4, // steps that are shown
    MOST = 4000; // points of a curve before it is thinned out

/** @type {Record<string, number>} how many times as many steps are shown after a key */
export const NEARER = {"+": 0.5, "=": 0.5, "-": 2};

/**
 * Values, each averaged with those before it, without the bias of the start. Where points stand for many steps, as many
 * points are averaged as there would be steps.
 * @param {Point[]} points
 */
export function smoothed(points) {
    const last = points.length - 1,
        apart = last > 0 ? Math.max(1, (points[last][0] - points[0][0]) / last) : 1;
    let sum = 0,
        weight = 0;
    return points.map(([step, value], i) => {
        const keep = KEEP ** (i ? (step - points[i - 1][0]) / apart : 1);
        sum = keep * sum + (1 - keep) * value;
        weight = keep * weight + 1 - keep;
        return sum / weight;
    });
}

/** Edges of an axis that shows all but outliers. @param {number[]} values at least one @returns {[number, number]} */
export function limits(values) {
    const sorted = [...values].sort((a, b) => a - b),
        last = sorted.length - 1,
        cut = last < FEW ? 0 : Math.ceil(last * CUT),
        [low, high] = [sorted[cut], sorted[last - cut]];
    const shown = sorted.filter((value) => value >= low - (high - low) && value <= high + (high - low)),
        [least, most] = [shown[0], shown[shown.length - 1]];
    const pad = most > least ? (most - least) / 20 : Math.abs(least) / 10 || 0.1;
    return [least >= 0 ? Math.max(0, least - pad) : least - pad, most + pad];
}

/** Half as many points: each the mean of two neighbours, at the step of the second. @param {Point[]} points */
const halved = (points) =>
    /** @type {Point[]} */ (
        points.flatMap(([step, value], i) => (i % 2 ? [[step, (points[i - 1][1] + value) / 2]] : []))
    ).concat(points.length % 2 ? [points[points.length - 1]] : []);

/** Add the points that come after the last one of each name. @param {Series} series @param {Series} more */
export function append(series, more) {
    for (const [name, points] of Object.entries(more)) {
        const known = (series[name] ||= []);
        for (const point of points) if (!known.length || point[0] > known[known.length - 1][0]) known.push(point);
        if (known.length > MOST) series[name] = halved(known);
    }
}

/** The newest step of all series; 0 where there is none. @param {Series} series */
export const lastStep = (series) =>
    Math.max(0, ...Object.values(series).map((points) => (points.length ? points[points.length - 1][0] : 0)));

/** The newest value up to a place of a column; null where there is none.
 * @param {ArrayLike<number | null | undefined>} column @param {number} place */
export function valueAt(column, place) {
    let i = Math.min(place, column.length - 1);
    while (i >= 0 && typeof column[i] !== "number") i--;
    return column[i] ?? null;
}

/**
 * Where a key leads from a place on the curve.
 * @param {string} key
 * @param {boolean} far a twentieth of the curve at once
 * @param {number} at
 * @param {number} first
 * @param {number} last
 * @returns {number | null} null for other keys
 */
export function moved(key, far, at, first, last) {
    const by = far ? Math.ceil((last - first) / 20) : 1;
    /** @type {Record<string, number>} */
    const places = {ArrowLeft: at - by, ArrowRight: at + by, Home: first, End: last};
    return key in places ? Math.min(last, Math.max(first, places[key])) : null;
}

/**
 * A part of the steps, nearer or from further away.
 * @param {[number, number]} shown
 * @param {number} factor 0.5 shows half as many steps
 * @param {number} around the step that stays at its place
 * @param {[number, number]} whole all steps there are
 * @returns {[number, number] | null} null for all of them
 */
export function zoomed([from, to], factor, around, [first, last]) {
    const width = Math.max(LEAST, (to - from) * factor);
    if (width >= last - first) return null;
    const start = around - ((around - from) / (to - from)) * width;
    const kept = Math.min(last - width, Math.max(first, start));
    return [kept, kept + width];
}
