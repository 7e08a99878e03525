// @ts-check
// The run panel: what goes on, and what can be done about it.
import {fileUrl} from "./api.mjs";
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

/** @param {any} found the answer about jobs */
export function show(found) {
    const before = state.status;
    state.status = found;
    const ours = !found.project || (found.project === state.project && found.version === state.version);
    const newest = (found.runs || [])[0];
    showOther(found, ours);
    showButtons(found, ours, newest);
    showEnd(found, ours);
    if (before && before.busy && (!found.busy || before.job !== found.job)) plan();
    showOutcome(found, ours, newest);
    showNow(ours ? found.wishes : {...found.wishes, training: false});
    showQueue(found);
    showBar(found, ours);
    follow(found, ours, newest);
    showLatest(found, ours);
    const lines = [...((ours && found.messages) || [])].reverse().map((line) => `<div>${text(line)}</div>`);
    fillWith(find(".tt-messages"), lines.join(""));
    followCheckpoints(found.changes);
}

/** The run of another project or version is one line, and a way to it. @param {any} found @param {boolean} ours */
function showOther(found, ours) {
    const box = find(".tt-other"),
        name = `${found.project} / ${found.version}`;
    box.hidden = ours || !found.busy;
    if (box.hidden) return;
    const steps = found.total_steps ? ` ${found.step} / ${found.total_steps}` : "";
    const what = t(found.kind === "preview" ? "Previews of" : "Training");
    fillWith(box, `<span>${what}: <b>${text(name)}</b>${steps}</span>${act("show-running", "Show")}`);
}

/** @param {any} found @param {boolean} ours @param {any} newest run of the version */
function showButtons(found, ours, newest) {
    find(".tt-base").innerHTML = found.host_problem
        ? `<span class="tt-warn">${text(found.host_problem)}</span>`
        : `${t("Base")}: <b>${text(found.base_model)}</b>`;
    find('[data-act="train"]').hidden = found.busy;
    find('[data-act="train"]').disabled = Boolean(found.host_problem) || !state.project;
    const stop = find('[data-act="stop"]');
    stop.hidden = !found.busy || !ours;
    stop.textContent = t(found.kind === "preview" ? "Stop" : "Stop and save");
    const again = find('[data-act="resume"]');
    again.hidden = found.busy || !newest || !newest.resumable || Boolean(newest.held);
    if (newest) again.textContent = `${t("Resume")} ${newest.name} (${t("step")} ${newest.state_step})`;
}

/** The error of a job, once; what was said before it goes. @param {any} found @param {boolean} ours */
function showEnd(found, ours) {
    const now = `${found.job}/${found.phase}/${ours}`;
    if (told === now) return;
    told = now;
    if (found.phase === "failed" && found.error && ours) showError({...found.error, cause: "run"}, "Failed");
    else if (found.phase !== "idle") over("run", "settings", "act");
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
function showBar(found, ours) {
    const bar = find(".tt-bar"),
        figures = find(".tt-figures");
    bar.hidden = found.phase === "idle" || !ours;
    figures.textContent = bar.hidden ? "" : figuresOf(found).join("   ");
    if (bar.hidden) return;
    const training = found.total_steps && (found.phase === "training" || found.phase === "paused" || !found.what);
    const [done, total] = training ? [found.step, found.total_steps] : [found.done || 0, found.total || 1];
    const share = found.phase === "finished" ? 1 : done / total;
    bar.firstElementChild.style.width = `${(100 * share).toFixed(1)}%`;
    bar.setAttribute("aria-valuenow", Math.round(100 * share));
    const what = found.phase === "working" ? t(found.what) : t(PHASES[found.phase] || found.phase);
    bar.querySelector("span").textContent = `${what} ${found.phase === "starting" ? "" : `${done} / ${total}`}`;
}

/** @param {any} found */
export function figuresOf(found) {
    const parts = [];
    if (found.epoch) parts.push(`${t("epoch")} ${found.epoch}/${found.epochs}`);
    if (found.loss !== undefined) parts.push(`${t("loss")} ${found.loss.toFixed(4)}`);
    if (found.speed) parts.push(pace(found.speed));
    if (found.wishes.training && found.wishes.pausing && found.phase !== "paused")
        parts.push(t("pausing after this step"));
    if (found.eta !== undefined) parts.push(fill(t("{} left"), clock(found.eta)));
    return parts;
}

/** The newest preview. @param {any} found @param {boolean} ours */
function showLatest(found, ours) {
    const latest = find(".tt-latest");
    latest.hidden = !found.picture || !ours;
    if (latest.hidden || latest.dataset.path === found.picture) return;
    latest.src = fileUrl(found.picture);
    latest.dataset.path = found.picture;
}
