// @ts-check
// The curves of a run: of the running one as they come, of an earlier one from its log.
import * as api from "./api.mjs";
import {append, lastStep} from "./curve.mjs";
import {find} from "./dom.mjs";
import {here, state} from "./state.mjs";
import {draw, leave, mount} from "./view.mjs";

const NONE = 1e15; // no step is later
/** @type {import("./curve.mjs").Series} */
let series = {};
let shown = "", // what they are of
    asked = NONE,
    live = false;
/** @type {any} the place that was filled last */
let box = null;

/** The step after which values are wanted: that of the newest one may have more of them by now. */
export function curveStep() {
    asked = live ? Math.max(0, lastStep(series) - 1) : state.status ? NONE : 0;
    return asked;
}

/** @param {any} found the answer about jobs @param {boolean} ours @param {any} newest run of the version */
export async function follow(found, ours, newest) {
    live = found.busy && ours && found.job.kind !== "preview";
    const run = newest ? `${state.project}/${state.version}/${newest.name}/` : "";
    const now = live ? `job ${found.job.number}` : run && `${run}${newest.step}`;
    if (shown === now && live) append(series, found.series);
    if (shown !== now) {
        if (!run || !shown.startsWith(run)) leave();
        shown = now;
        series = live && asked === 0 ? found.series : {};
        if (run && !live) await read(now, newest.name);
    }
    show();
}

/** @param {string} now @param {string} run */
async function read(now, run) {
    const logged = await api.series(here(), run).catch(() => null);
    if (shown !== now) return; // something else is shown by now
    series = logged || {};
    if (!logged) shown = ""; // it is asked for again
}

function show() {
    const place = find(".tt-graph");
    if (!place) return;
    if (place !== box) mount((box = place), show);
    box.hidden = !series.loss || series.loss.length < 2;
    if (!box.hidden) draw(series, shown);
}
