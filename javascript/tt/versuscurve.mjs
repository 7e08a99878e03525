// @ts-check
// The curves of two runs in one chart: the smoothed loss, and that of held-out pictures.
import uPlot from "../vendor/uplot.mjs";
import {smoothed} from "./curve.mjs";
import {h} from "./dom.mjs";
import {plotted} from "./plot.mjs";
import {fill, listed, t, told} from "./words.mjs";

/** @typedef {import("./curve.mjs").Point} Point */
/** @typedef {import("./lines.mjs").Line & {points: Point[], side: number}} Drawn */

const COLOURS = ["--tt-one", "--tt-other"],
    HEIGHT = 200;
/** @type {Record<string, string>} */
const NAMES = {loss: "Smoothed loss", val_on: "Validation"};

export const curvesElement = () => h("div", {class: "tt-versus-curves"});

/** The lines of both runs. @param {Record<string, Point[][]>} series @returns {Drawn[]} */
export function linesOfBoth(series) {
    return Object.keys(NAMES).flatMap((name) =>
        (series[name] || []).flatMap((points, side) => (points.length > 1 ? [lineOf(name, side, points)] : [])),
    );
}

/** @param {string} name @param {number} side @param {Point[]} points @returns {Drawn} */
function lineOf(name, side, points) {
    const means = name === "loss" ? smoothed(points) : points.map(([, value]) => value);
    const isLoss = name === "loss";
    return {
        name: `${name} ${side}`,
        label: t(NAMES[name]),
        scale: "loss",
        colour: COLOURS[side],
        depth: 1,
        meanOf: "",
        faint: false,
        dotted: !isLoss,
        dash: isLoss ? [] : [6, 4],
        side,
        points: points.map(([step], i) => /** @type {Point} */ ([step, means[i]])),
    };
}

/** Draw into a place that is on the page. @param {any} box @param {any} found */
export function drawCurves(box, found) {
    const lines = linesOfBoth(found.series),
        names = found.sides.map((/** @type {any} */ side) => `${side.project} ${side.version}`);
    if (!lines.length) return box.append(h("p", {class: "tt-quiet"}, t("No run has curves yet.")));
    const last = (/** @type {Drawn} */ line) => line.points[line.points.length - 1];
    const figures = lines.map((line) =>
        told(`${names[line.side]}, ${line.label}`, fill(t("{} at step {}"), last(line)[1].toFixed(4), last(line)[0])),
    );
    const place = h("div", {class: "tt-plot", role: "img", "aria-label": listed(figures)});
    const legend = lines.map((line, i) =>
        h("li", {translate: "no"}, h("i", {class: line.dotted ? "tt-dashed" : "", "data-side": line.side}), figures[i]),
    );
    box.append(place, h("ul", {class: "tt-versus-legend"}, legend));
    const table = uPlot.join(
        lines.map(
            ({points}) =>
                /** @type {uPlot.AlignedData} */ ([points.map(([step]) => step), points.map(([, value]) => value)]),
        ),
    );
    const ignored = () => undefined;
    const plot = plotted(place, lines, table, {isOff: () => false, pointed: ignored, rescaled: ignored});
    new ResizeObserver(() => place.clientWidth && plot.setSize({width: place.clientWidth, height: HEIGHT})).observe(
        place,
    );
}
