// @ts-check
// The drawing of lines over steps.
import uPlot from "../vendor/uplot.mjs";
import {limits} from "./curve.mjs";
import {short, stepTexts, valueTexts} from "./lines.mjs";

/** @typedef {import("./lines.mjs").Line} Line */

const HEIGHT = 200,
    FAINT = 0.3,
    LETTER = 6.2; // px of a digit
const TENS = Array.from({length: 25}, (_, i) => 10 ** (i - 12)),
    INCREMENTS = TENS.flatMap((ten) => [1, 2, 5].map((digit) => Number((digit * ten).toPrecision(1))));

/** The present value of a CSS variable: a theme may change. @param {string} name @returns {(plot: uPlot) => string} */
const css = (name) => (plot) => getComputedStyle(plot.root).getPropertyValue(name);

/** Values of a scale's visible lines at the visible steps; a mean adds none to those that it is of.
 * @param {uPlot} plot @param {string} scale */
export function visible(plot, scale) {
    const [from, to] = plot.series[0].idxs || [0, -1],
        shown = plot.series.filter((line) => line.show).map((line) => line.label);
    return plot.series.flatMap((line, i) =>
        i && line.show && line.scale === scale && !shown.includes(/** @type {any} */ (line).meanOf)
            ? Array.from(plot.data[i].slice(from, to + 1)).filter((value) => typeof value === "number")
            : [],
    );
}

/** @type {uPlot.Range.Function} */
function robust(plot, _least, _most, scale) {
    const values = /** @type {number[]} */ (visible(plot, scale));
    return values.length ? limits(values) : [null, null];
}

/** @type {uPlot.Range.Function} */
const fromZero = (_plot, _least, most) => (most === null ? [null, null] : [0, most > 0 ? most * 1.1 : 1]);

/** @type {(plot: uPlot, texts: string[]) => number} */
const widthOf = (_plot, texts) => 14 + LETTER * Math.max(2, ...(texts || []).map((text) => text.length));

/** The pointer's line stands at a step, and dragging goes from step to step. @type {uPlot.Cursor.MousePosRefiner} */
const snapped = (plot, left, top) =>
    left < 0 ? [left, top] : [plot.valToPos(plot.data[0][plot.posToIdx(left)], "x"), top];

/** @param {string} font @returns {uPlot.Axis[]} */
function axesOf(font) {
    const look = {font: `11px ${font}`, stroke: css("--tt-axis"), ticks: {show: false}, gap: 6};
    const grid = {stroke: css("--tt-grid"), width: 1},
        bare = {show: false},
        whole = INCREMENTS.filter((by) => by >= 1);
    const side = {...look, size: widthOf, incrs: INCREMENTS};
    return [
        {...look, grid: bare, space: 44, size: 24, incrs: whole, values: stepsText},
        {...side, scale: "loss", grid, space: 40, values: losses},
        {...side, scale: "rate", grid: bare, space: 56, values: rates, side: 1},
    ];
}

/** @type {uPlot.Axis.DynamicValues} */
const stepsText = (_plot, splits) => stepTexts(splits);
/** @type {uPlot.Axis.DynamicValues} */
const losses = (_plot, splits, _axis, _space, apart) => valueTexts(splits, apart);
/** @type {uPlot.Axis.DynamicValues} */
const rates = (_plot, splits) => splits.map(short);

/** @param {Line} line @param {boolean} show @returns {uPlot.Series} */
function seriesOf(line, show) {
    const {name, scale, dash, faint, dotted, meanOf} = line,
        ours = {meanOf},
        alone = scale !== "loss" && scale !== "rate";
    return {
        ...ours,
        label: name,
        scale,
        dash,
        show,
        alpha: faint ? FAINT : alone ? 0.6 : 1,
        points: dotted ? {size: 5} : {show: false},
        spanGaps: true,
        stroke: css(line.colour),
        width: scale === "loss" && !faint ? 2 : 1.25,
    };
}

/**
 * Draws lines into a box, which is emptied.
 * @param {HTMLElement} box
 * @param {Line[]} lines
 * @param {uPlot.AlignedData} table
 * @param {{isOff: (name: string) => boolean, pointed: () => void, rescaled: () => void}} hears
 */
export function plotted(box, lines, table, {isOff, pointed, rescaled}) {
    box.replaceChildren();
    /** @type {uPlot.Scales} */
    const scales = {x: {time: false}, loss: {range: robust}, rate: {range: fromZero}};
    for (const {scale} of lines) scales[scale] ||= {range: robust};
    /** @type {uPlot.Options} */
    const options = {
        width: box.clientWidth,
        height: HEIGHT,
        legend: {show: false},
        cursor: {y: false, move: snapped, drag: {x: true, y: false, dist: 6}, points: {size: 7, width: 0}},
        scales,
        axes: axesOf(getComputedStyle(box).fontFamily),
        series: [{}, ...lines.map((line) => seriesOf(line, !isOff(line.name)))],
        hooks: {setCursor: [pointed], setScale: [(_plot, key) => key === "x" && rescaled()]},
    };
    return new uPlot(options, table, box);
}

/**
 * Shows other values of the same lines.
 * @param {uPlot} plot
 * @param {uPlot.AlignedData} table
 * @param {[number, number] | null} part steps that are seen; null for all
 */
export function renew(plot, table, part) {
    const steps = table[0],
        [min, max] = part || [steps[0], steps[steps.length - 1]];
    plot.batch(() => {
        plot.setData(table, false);
        plot.setScale("x", {min, max});
    });
}

/** The steps that are seen; null for all. @param {uPlot} plot @returns {[number, number] | null} */
export function seenPart(plot) {
    const all = plot.data[0],
        {min, max} = plot.scales.x;
    const known = typeof min === "number" && typeof max === "number";
    return known && (min > all[0] || max < all[all.length - 1]) ? [min, max] : null;
}
