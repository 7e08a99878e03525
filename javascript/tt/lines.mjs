// @ts-check
// What lines a run's curves give: their names, their axes, and how their numbers are written.
import uPlot from "../vendor/uplot.mjs";
import {smoothed} from "./curve.mjs";
import {fill, t} from "./words.mjs";

/**
 * @typedef {object} Line
 * @property {string} name unique among lines
 * @property {string} label for people
 * @property {string} scale lines of one scale share an axis; all but "loss" and "rate" have none that is drawn
 * @property {string} colour name of a CSS variable
 * @property {number} depth lines of more are drawn above others
 * @property {string} meanOf the line that it is the mean of, or ""
 * @property {boolean} faint
 * @property {boolean} dotted has few points, which are seen
 * @property {number[]} dash
 */

const SMOOTH = "loss smoothed",
    ADAPTED = "d*", // before the name of a rate: what an optimizer that finds its own made of it
    RATE = /^(d\*)?lr /,
    LOSS = /loss|^val|^fixed/,
    BAND = /^val_on (\d+)$/;
/** @type {Record<string, string>} */
const LABELS = {
    loss: "Loss",
    [SMOOTH]: "Smoothed loss",
    val_on: "Validation",
    val_off: "Validation without the network",
    fixed: "Fixed batch",
    "lr unet": "U-Net rate",
    "lr text_encoder": "Text encoder rate",
    "d*lr unet": "U-Net rate (d*lr)",
    "d*lr text_encoder": "Text encoder rate (d*lr)",
};

/** @param {string} name */
function labelOf(name) {
    if (LABELS[name]) return t(LABELS[name]);
    const band = BAND.exec(name);
    if (band) return fill(t("Validation at timestep {}"), band[1]);
    const words = name.replace(RATE, "").replaceAll("_", " ");
    return RATE.test(name) ? fill(t("{} rate"), words) : words;
}

/** @param {string} name */
const scaleOf = (name) => (RATE.test(name) ? "rate" : LOSS.test(name) ? "loss" : name);

/** @param {string} name */
const isMain = (name) => name === "loss" || name === SMOOTH;

/** Loss first, then its like, then rates, then what else there is. @param {string} name */
const rank = (name) => (isMain(name) ? 0 : ["loss", "rate"].indexOf(scaleOf(name)) + 1 || 3);

/** @param {string} name */
const depthOf = (name) => (name === SMOOTH ? 4 : name === "loss" ? 2 : {loss: 3, rate: 1}[scaleOf(name)] || 0);

const RATES = 4,
    OTHERS = 6; // colours that style.css has

/** The lines of some series, in the order of the legend. A rate that is only a factor on another is none of them.
 * @param {string[]} names of the series @returns {Line[]} */
export function linesOf(names) {
    const shown = names.filter((name) => !names.includes(ADAPTED + name)),
        found = shown.flatMap((name) => (name === "loss" ? [name, SMOOTH] : [name]));
    found.sort((one, other) => rank(one) - rank(other));
    let rates = 0,
        others = 0;
    const colourOf = (/** @type {string} */ name) => {
        if (isMain(name)) return "--tt-accent";
        return RATE.test(name) ? `--tt-rate-${(rates++ % RATES) + 1}` : `--tt-series-${(others++ % OTHERS) + 1}`;
    };
    return found.map((name) => ({
        name,
        label: labelOf(name),
        scale: scaleOf(name),
        depth: depthOf(name),
        meanOf: name === SMOOTH ? "loss" : "",
        colour: colourOf(name),
        faint: name === "loss",
        dotted: !isMain(name) && !RATE.test(name),
        dash: rates > 1 && RATE.test(name) ? [6, 4] : [],
    }));
}

/**
 * Steps, and the values of each line at them: null where it has none.
 * @param {import("./curve.mjs").Series} series
 * @param {Line[]} lines
 * @returns {uPlot.AlignedData}
 */
export function tableOf(series, lines) {
    const tables = lines.map(({name}) => {
        const points = series[name === SMOOTH ? "loss" : name];
        const values = name === SMOOTH ? smoothed(points) : points.map(([, value]) => value);
        return /** @type {uPlot.AlignedData} */ ([points.map(([step]) => step), values]);
    });
    return uPlot.join(tables);
}

/** A value as the legend has it. @param {string} scale @param {number | null} value */
export function figure(scale, value) {
    if (value === null) return "";
    return scale === "loss" ? value.toFixed(4) : short(value);
}

/** Three digits, and the exponent of small ones. @param {number} value */
export function short(value) {
    const rounded = Number(value.toPrecision(3)),
        size = Math.abs(rounded);
    return size && (size < 0.001 || size >= 1e6) ? rounded.toExponential() : String(rounded);
}

/** Steps at an axis. @param {number[]} steps */
export function stepTexts(steps) {
    const thousands = steps.some((step) => step >= 10_000) && steps.every((step) => step % 100 === 0);
    return steps.map((step) => (thousands && step ? `${step / 1000}k` : String(step)));
}

/** Values at an axis, all with the digits that tell them apart. @param {number[]} values @param {number} apart */
export function valueTexts(values, apart) {
    const digits = Math.max(0, -Math.floor(Math.log10(apart) + 1e-9));
    return values.map((value) => (digits > 4 ? short(value) : value.toFixed(digits)));
}
