// @ts-check
// The chart as people see and use it: lines, legend, numbers at the pointer, zoom.
import {NEARER, lastStep, moved, valueAt, zoomed} from "./curve.mjs";
import {isOff, showFigures, showLegend, spoken, toggle} from "./legend.mjs";
import {linesOf, tableOf} from "./lines.mjs";
import {plotted, renew, seenPart} from "./plot.mjs";
import {t} from "./words.mjs";

const ABOUT =
    "Loss and learning rates by step. Left and right go from step to step, + and - zoom, Escape shows the whole run.";
/** @type {Record<string, any>} its elements */
let parts = {};
/** @type {any} */
let plot = null;
/** @type {import("./lines.mjs").Line[]} as the legend has them, and from the lowest to the highest */
let lines = [],
    layers = lines;
let drawn = "";
/** @type {[number, number] | null} steps that are zoomed to; null for all */
let part = null;
/** @type {number | null} the step that keys point to */
let kept = null;
/** @type {() => void} */
let sized = () => {};
const resized = new ResizeObserver(() => sized());

/** Puts an empty chart into its place. @param {any} box @param {() => void} redraw is called when its size changes */
export function mount(box, redraw) {
    box.innerHTML = `<div class="tt-legend"></div><div class="tt-curve" tabindex="0" role="img"></div>
        <div class="tt-under"><output class="tt-readout" aria-live="polite" hidden></output>
        <span><button type="button" data-zoom="-" aria-label="${t("Show more steps")}">−</button>
        <button type="button" data-zoom="+" aria-label="${t("Show fewer steps")}">+</button>
        <button type="button" class="tt-zoom-out" hidden>${t("Show the whole run")}</button></span></div>`;
    const [legend, curve, under] = box.children,
        readout = under.firstElementChild,
        out = under.querySelector(".tt-zoom-out");
    parts = {legend, curve, readout, out};
    [sized, drawn] = [redraw, ""];
    curve.setAttribute("aria-label", t(ABOUT));
    curve.addEventListener("keydown", onKey);
    curve.addEventListener("focusout", () => point(null));
    out.addEventListener("click", () => [curve.focus(), zoom(null)]);
    for (const button of under.querySelectorAll("[data-zoom]"))
        button.addEventListener("click", () => nearer(NEARER[button.dataset.zoom]));
    legend.addEventListener("click", (/** @type {any} */ event) => {
        const button = event.target.closest("[data-line]");
        if (button) switchLine(button.dataset.line);
    });
    resized.disconnect();
    resized.observe(curve);
}

/** Forget what was zoomed to and pointed at: another run is shown. */
export function leave() {
    [part, kept] = [null, null];
}

/** @param {import("./curve.mjs").Series} series @param {string} of what they are of */
export function draw(series, of) {
    const width = parts.curve.clientWidth;
    if (!width) return;
    const names = Object.keys(series).filter((name) => series[name].length),
        looks = `${names} ${getComputedStyle(parts.curve).color} ${width}`;
    const now = `${of} ${lastStep(series)} ${looks}`;
    if (drawn === now) return;
    drawn = now;
    lines = linesOf(names);
    layers = [...lines].sort((one, other) => one.depth - other.depth);
    const table = tableOf(series, layers);
    showLegend(parts.legend, lines);
    if (!plot || plot.looks !== looks || plot.root.parentNode !== parts.curve) {
        if (plot) plot.destroy();
        plot = null; // until it is whole, nothing asks it
        const made = plotted(parts.curve, layers, table, {isOff, pointed, rescaled});
        plot = Object.assign(made, {looks});
    }
    renew(plot, table, part);
    point(kept);
    pointed();
}

/** Shows the numbers of the step that is pointed to, or else the newest ones. */
function pointed() {
    if (!plot) return;
    const {idx} = plot.cursor,
        [steps, ...columns] = plot.data;
    const off = idx === null || idx === undefined;
    const place = off ? steps.length - 1 : idx,
        values = lines.map((line) => valueAt(columns[layers.indexOf(line)], place));
    showFigures(parts.legend, lines, values);
    parts.readout.hidden = off;
    if (off) return;
    parts.readout.innerHTML = "<b></b><span></span>";
    parts.readout.firstElementChild.textContent = `${t("step")} ${steps[idx]}`;
    parts.readout.lastElementChild.textContent = `: ${spoken(lines, values)}`;
}

function rescaled() {
    if (!plot) return;
    part = seenPart(plot);
    parts.out.hidden = !part;
}

/** Shows this part of as many steps, around the one that is pointed to, or else the newest. @param {number} share */
function nearer(share) {
    if (!plot) return;
    const steps = plot.data[0],
        around = steps[plot.cursor.idx ?? plot.series[0].idxs[1]];
    zoom(zoomed(seenOr(steps), share, around, [steps[0], steps[steps.length - 1]]));
}

/** @param {[number, number] | null} to steps; null for all */
function zoom(to) {
    part = to;
    renew(plot, plot.data, part);
    point(kept);
}

/** @param {number | null} step */
function point(step) {
    kept = step;
    if (!plot || (step === null && plot.cursor.idx === null)) return;
    plot.setCursor(step === null ? {left: -10, top: -10} : {left: plot.valToPos(step, "x"), top: 1});
}

/** @param {string} name */
function switchLine(name) {
    toggle(name);
    showLegend(parts.legend, lines);
    plot.setSeries(layers.findIndex((line) => line.name === name) + 1, {show: !isOff(name)});
    renew(plot, plot.data, part);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = plot.data[0],
        [first, last] = plot.series[0].idxs,
        at = plot.cursor.idx ?? last;
    const to = moved(event.key, event.shiftKey, at, first, last);
    if (event.key === "Escape" && (part || kept !== null)) part ? zoom(null) : point(null);
    else if (to !== null) point(steps[to]);
    else if (NEARER[event.key]) nearer(NEARER[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
}

/** @param {number[]} steps @returns {[number, number]} */
const seenOr = (steps) => part || [steps[0], steps[steps.length - 1]];
