// @ts-check
// The run panel: what goes on, and what can be done about it.
import {previewUrl} from "./api.mjs";
import {follow} from "./chart.mjs";
import {followCheckpoints} from "./checkpoints.mjs";
import {act, fillWith, find} from "./dom.mjs";
import {clock, pace, text} from "./formats.mjs";
import {over, showError} from "./messages.mjs";
import {PHASES, showOutcome} from "./outcome.mjs";
import {plan} from "./plan.mjs";
import {showQueue} from "./queue.mjs";
import {state} from "./state.mjs";
import {fill, t} from "./words.mjs";

let told = "";

/** @param {any} found everything that moves */
export function show(found) {
    const before = state.status,
        {job} = found,
        newest = found.runs[0];
    state.status = found;
    const ours = !job.project || (job.project === state.project && job.version === state.version);
    showOther(found, ours);
    showButtons(found, ours, newest);
    showEnd(job, ours);
    if (before && before.busy && (!found.busy || before.job.number !== job.number)) plan();
    showOutcome(found, ours, newest);
    showNow(ours ? found.wishes : {...found.wishes, training: false});
    showQueue(found);
    showBar(found, ours);
    follow(found, ours, newest);
    showLatest(job.picture, ours);
    const lines = ours ? [...job.messages].reverse().map((line) => `<div>${text(line)}</div>`) : [];
    fillWith(find(".tt-messages"), lines.join(""));
    followCheckpoints(found.changes);
}

/** The run of another project or version is one line, and a way to it. @param {any} found @param {boolean} ours */
function showOther({busy, job}, ours) {
    const box = find(".tt-other"),
        name = `${job.project} / ${job.version}`;
    box.hidden = ours || !busy;
    if (box.hidden) return;
    const steps = job.total_steps ? ` ${job.step} / ${job.total_steps}` : "";
    const what = t(job.kind === "preview" ? "Previews of" : "Training");
    fillWith(box, `<span>${what}: <b>${text(name)}</b>${steps}</span>${act("show-running", "Show")}`);
}

/** @param {any} found @param {boolean} ours @param {any} newest run of the version */
function showButtons({busy, host, job}, ours, newest) {
    find(".tt-base").innerHTML = host.problem
        ? `<span class="tt-warn">${text(host.problem)}</span>`
        : `${t("Base")}: <b>${text(host.base_model)}</b>`;
    find('[data-act="train"]').hidden = busy;
    find('[data-act="train"]').disabled = Boolean(host.problem) || !state.project;
    const stop = find('[data-act="stop"]');
    stop.hidden = !busy || !ours;
    stop.textContent = t(job.kind === "preview" ? "Stop" : "Stop and save");
    const again = find('[data-act="resume"]');
    again.hidden = busy || !newest || !newest.resumable || Boolean(newest.held);
    if (newest) again.textContent = `${t("Resume")} ${newest.name} (${t("step")} ${newest.state_step})`;
}

/** The error of a job, once; what was said before it goes. @param {any} job @param {boolean} ours */
function showEnd(job, ours) {
    const now = `${job.number}/${job.phase}/${ours}`;
    if (told === now) return;
    told = now;
    if (job.phase === "failed" && job.error && ours) showError({...job.error, cause: "run"}, "Failed");
    else if (job.phase !== "idle") over("run", "settings", "act");
}

const SAMPLES = "Saves a checkpoint when this step is done and makes its pictures; then training goes on.";
const PAUSES = "Stands still when this step is done, with the model free for generating, until you press Continue.";

/** What can be asked of a run while it goes on. @param {any} wishes */
function showNow(wishes) {
    find(".tt-now").hidden = !wishes.training;
    const why = wishes.why_no_sample ? `<small>${t(wishes.why_no_sample)}</small>` : "";
    const sample = wishes.sampling ? t("Sampling...") : t("Sample now") + why;
    label("sample", sample, wishes.sampling || why, t(SAMPLES));
    label("pause", t("Pause"), false, t(PAUSES));
    const [shown, hidden] = wishes.pausing ? ["continue", "pause"] : ["pause", "continue"];
    const focused = document.activeElement === find(`[data-act="${hidden}"]`);
    find(`[data-act="${shown}"]`).hidden = false;
    find(`[data-act="${hidden}"]`).hidden = true;
    if (focused && wishes.training) find(`[data-act="${shown}"]`).focus();
}

/** @param {string} action @param {string} html @param {any} off @param {string} title */
function label(action, html, off, title) {
    const button = find(`[data-act="${action}"]`);
    fillWith(button, html);
    button.setAttribute("aria-disabled", Boolean(off)); // still in reach of keys: it says why it is off
    button.title = title;
}

/** @param {any} found @param {boolean} ours */
function showBar({job, wishes}, ours) {
    const bar = find(".tt-bar"),
        figures = find(".tt-figures");
    bar.hidden = job.phase === "idle" || !ours;
    figures.textContent = bar.hidden ? "" : figuresOf(job, wishes).join("   ");
    if (bar.hidden) return;
    const training = job.total_steps && (job.phase === "training" || job.phase === "paused" || !job.work);
    const [done, total] = training ? [job.step, job.total_steps] : [job.work_done || 0, job.work_total || 1];
    const share = job.phase === "finished" ? 1 : done / total;
    bar.firstElementChild.style.width = `${(100 * share).toFixed(1)}%`;
    bar.setAttribute("aria-valuenow", Math.round(100 * share));
    const what = job.phase === "working" ? t(job.work) : t(PHASES[job.phase] || job.phase);
    bar.querySelector("span").textContent = `${what} ${job.phase === "starting" ? "" : `${done} / ${total}`}`;
}

/** @param {any} job @param {any} wishes */
export function figuresOf(job, wishes) {
    const parts = [];
    if (job.epoch) parts.push(`${t("epoch")} ${job.epoch}/${job.epochs}`);
    if (job.loss !== null) parts.push(`${t("loss")} ${job.loss.toFixed(4)}`);
    if (job.steps_per_second) parts.push(pace(job.steps_per_second));
    if (wishes.training && wishes.pausing && job.phase !== "paused") parts.push(t("pausing after this step"));
    if (job.seconds_left !== null) parts.push(fill(t("{} left"), clock(job.seconds_left)));
    return parts;
}

/** The newest preview. @param {string | null} picture @param {boolean} ours */
function showLatest(picture, ours) {
    const latest = find(".tt-latest");
    latest.hidden = !picture || !ours;
    if (!picture || latest.hidden || latest.dataset.path === picture) return;
    latest.src = previewUrl(picture);
    latest.dataset.path = picture;
}
