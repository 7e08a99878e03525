// @ts-check
// The loss of a run, step by step: of the running one as it comes, of an earlier one from its log.
import {losses as logged} from "./api.mjs";
import {append, lastStep, limits, moved, placeOf, smoothed} from "./curve.mjs";
import {find, isOn} from "./dom.mjs";
import {here, state} from "./state.mjs";
import {t} from "./words.mjs";

const HEIGHT = 150,
    LEFT = 44,
    RIGHT = 8,
    BOTTOM = 20,
    TOP = 12,
    NONE = 1e15; // no step is later
/** @type {import("./curve.mjs").Point[]} */
let curve = [];
let curveOf = "",
    drawn = "";
/** @type {number | null} the step that is pointed to */
let pointed = null;

/** The step after which losses are wanted. */
export const curveStep = () => (state.status && !state.status.busy ? NONE : lastStep(curve));

/** @param {any} found the answer about jobs @param {boolean} ours @param {any} newest run of the version */
export async function follow(found, ours, newest) {
    const live = found.busy && ours && found.job.kind !== "preview";
    const past = newest ? `${state.project}/${state.version}/${newest.name}/${newest.step}` : "";
    const of = live ? `job ${found.job.number}` : past;
    if (curveOf === of && live) append(curve, found.series.loss || []);
    else if (curveOf !== of && (live || !(found.busy && ours))) {
        [curve, curveOf, pointed] = [[], of, null];
        if (newest && !live) curve = await logged(here(), newest.name);
    }
    draw();
}

const resized = new ResizeObserver(() => draw());

function draw() {
    const canvas = find(".tt-curve");
    canvas.hidden = curve.length < 2;
    resized.observe(canvas);
    if (canvas.hidden || !canvas.clientWidth) return;
    const ratio = window.devicePixelRatio || 1,
        width = canvas.clientWidth,
        style = getComputedStyle(canvas);
    const now = `${pointed} ${curveOf} ${curve.length} ${width} ${ratio} ${style.color}`;
    if (drawn === now) return;
    drawn = now;
    canvas.width = width * ratio;
    canvas.height = HEIGHT * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    paint(pen, width, style);
}

/** @param {CanvasRenderingContext2D} pen @param {number} width @param {CSSStyleDeclaration} style */
function paint(pen, width, style) {
    const losses = curve.map(([, loss]) => loss),
        smooth = smoothed(losses),
        [low, high] = limits(losses),
        first = curve[0][0],
        last = lastStep(curve);
    const x = (/** @type {number} */ step) =>
        LEFT + ((width - LEFT - RIGHT) * (step - first)) / Math.max(1, last - first);
    const y = (/** @type {number} */ loss) =>
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * Math.min(1, (loss - low) / Math.max(1e-9, high - low));
    pen.font = "11px sans-serif";
    pen.fillStyle = style.color;
    pen.globalAlpha = 0.7;
    for (const loss of [low, (low + high) / 2, high]) pen.fillText(loss.toFixed(3), 4, y(loss) + 4);
    pen.fillText(String(first), LEFT, HEIGHT - 5);
    pen.fillText(String(last), width - RIGHT - pen.measureText(String(last)).width, HEIGHT - 5);
    const line = (/** @type {number[]} */ values, /** @type {number} */ alpha, /** @type {number} */ wide) => {
        pen.globalAlpha = alpha;
        pen.lineWidth = wide;
        pen.strokeStyle = style.getPropertyValue("--tt-accent") || "#f97316";
        pen.beginPath();
        values.forEach((loss, i) => pen[i ? "lineTo" : "moveTo"](x(curve[i][0]), y(loss)));
        pen.stroke();
    };
    line(losses, 0.25, 1);
    line(smooth, 1, 2);
    showPointed(x, y, pen, smooth);
}

/**
 * @param {(step: number) => number} x
 * @param {(loss: number) => number} y
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} smooth
 */
function showPointed(x, y, pen, smooth) {
    const i = pointed === null ? -1 : placeOf(curve, pointed),
        readout = find(".tt-readout");
    readout.hidden = i < 0;
    if (readout.hidden) return;
    const [step, loss] = curve[i];
    const figures = [`${t("loss")} ${smooth[i].toFixed(4)} ${t("smoothed")}`, `${loss.toFixed(4)} ${t("this step")}`];
    readout.textContent = `${t("step")} ${step}   ${figures.join(", ")}`;
    pen.globalAlpha = 0.5;
    pen.fillRect(x(step), 4, 1, HEIGHT - BOTTOM - 4);
    pen.globalAlpha = 1;
    for (const value of [loss, smooth[i]]) {
        pen.beginPath();
        pen.arc(x(step), y(value), 3, 0, 7);
        pen.fill();
    }
}

/** @param {number | null} step */
function point(step) {
    if (pointed === step) return;
    pointed = step;
    draw();
}

/** @param {Event} event */
const onCurve = (event) => curve.length > 1 && isOn(event, ".tt-curve");

document.addEventListener("pointermove", (event) => {
    if (!onCurve(event)) {
        if (pointed !== null && document.activeElement !== find(".tt-curve")) point(null);
        return;
    }
    const canvas = /** @type {HTMLCanvasElement} */ (event.target),
        first = curve[0][0];
    const share = (event.offsetX - LEFT) / (canvas.clientWidth - LEFT - RIGHT);
    point(Math.round(first + Math.min(1, Math.max(0, share)) * (lastStep(curve) - first)));
});
document.addEventListener("focusout", (event) => {
    if (onCurve(event)) point(null);
});
document.addEventListener("keydown", (event) => {
    if (!onCurve(event)) return;
    if (event.key === "Escape") return point(null);
    const last = curve.length - 1,
        at = pointed === null ? last : placeOf(curve, pointed);
    const to = moved(event.key, event.shiftKey, at, last);
    if (to === null) return;
    event.preventDefault();
    point(curve[to][0]);
});
