// @ts-check
// The loss of the run whose checkpoint is in sight, small, with a mark where that is.
import {series} from "./api.mjs";
import {fadeAt} from "./compared.mjs";
import {checkpointAt, draws, now} from "./comparestate.mjs";
import {limits, smoothed} from "./curve.mjs";
import {find, h} from "./dom.mjs";
import {here, samePlace} from "./state.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {import("./curve.mjs").Point} Point */

const WIDTH = 1000,
    HEIGHT = 100;
let drawnRun = "";
/** @type {[number, number]} first and last step of the curve */
let steps = [0, 0];

export const curveElement = () =>
    h(
        "div",
        {class: "tt-cmp-curve", hidden: true},
        h("div", {class: "tt-cmp-line", role: "img"}),
        h("i", {class: "tt-cmp-here"}),
        h("div", {class: "tt-cmp-scale tt-fine", "aria-hidden": "true"}, h("span"), h("span")),
        h("div", {class: "tt-cmp-axis tt-fine"}, h("span"), h("span"), h("span")),
    );

/** The curve as a path of an SVG, with the values at its lower and upper edge. @param {Point[]} points at least two
 * @returns {{path: string, low: number, high: number}} */
export function pathOfCurve(points) {
    const means = smoothed(points),
        [low, high] = limits(means),
        first = points[0][0],
        last = points[points.length - 1][0];
    const path = points
        .map(([step], i) => {
            const x = (WIDTH * (step - first)) / (last - first || 1),
                y = HEIGHT * (1 - (Math.min(high, Math.max(low, means[i])) - low) / (high - low || 1));
            return `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
        })
        .join("");
    return {path, low, high};
}

/** Ask anew for the curve. */
export const askCurve = () => (drawnRun = "?");

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(2)));

/** @param {string} selector of the curve's part @param {string[]} words of its spans */
function write(selector, words) {
    [...find(`.tt-cmp-curve ${selector}`).children].forEach((one, i) => (one.textContent = words[i]));
}

/** @param {string} run */
async function showCurve(run) {
    drawnRun = run;
    const of = here(),
        found = run ? await series(of, run).catch(() => undefined) : undefined;
    if (drawnRun !== run || !samePlace(of, here())) return;
    const points = found?.loss || [],
        box = find(".tt-cmp-curve");
    box.hidden = points.length < 2;
    if (box.hidden) return;
    steps = [points[0][0], points[points.length - 1][0]];
    const line = box.querySelector(".tt-cmp-line");
    line.setAttribute("aria-label", fill(t("Loss of {}"), run));
    const {path, low, high} = pathOfCurve(points);
    line.innerHTML = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path d="${path}" vector-effect="non-scaling-stroke"/></svg>`;
    write(".tt-cmp-scale", [high, low].map(short));
    write(".tt-cmp-axis", [fill(t("step {}"), steps[0]), fill(t("Loss of {}, smoothed"), run), fill(t("step {}"), steps[1])]); // prettier-ignore
    showMark();
}

/** The mark stands at the step, between two checkpoints of a run at one between their steps. */
function showMark() {
    const {checkpoints} = now.extent,
        {lower, upper, part} = fadeAt(now.view.at, checkpoints.length),
        [one, other] = [lower, upper].map((place) => now.found.checkpoints[checkpoints[place]]);
    if (!one || !steps[1]) return;
    const from = one.step ?? 0,
        to = other.run === one.run ? (other.step ?? from) : from,
        share = (from + (to - from) * part - steps[0]) / (steps[1] - steps[0]);
    find(".tt-cmp-here").style.setProperty("--share", String(Math.min(1, Math.max(0, share))));
}

draws("frame", () => {
    const checkpoint = checkpointAt();
    if (!checkpoint) return;
    if (checkpoint.run !== drawnRun) showCurve(checkpoint.run);
    showMark();
});
