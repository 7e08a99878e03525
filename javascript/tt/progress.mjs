// @ts-check
// How far the job is, and what can be asked of it.
import {memoryText} from "./figures.mjs";
import {fillWith, find, h} from "./dom.mjs";
import {clock, pace, size, text} from "./formats.mjs";
import {IS_TOLD, PHASES} from "./outcome.mjs";
import {state} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

const SAMPLES = "Saves a checkpoint when this step is done and makes its pictures; then training goes on.";
const SAVES = "Saves a checkpoint when this step is done; then training goes on.";
const LAST_EPOCH = "Trains this epoch to its end, saves a checkpoint and stops; the run can be resumed.";
const PAUSES = "Stands still when this step is done, with the model free for generating, until you press Continue.";

/** @param {string} order @param {string} words @param {boolean} [hidden] */
const wishElement = (order, words, hidden = false) =>
    h("button", {class: "tt-button", "data-act": order, hidden}, words);

export const nowElement = () =>
    h(
        "div",
        {class: "tt-run-buttons tt-now", hidden: true},
        wishElement("pause", t("Pause")),
        wishElement("continue", t("Continue"), true),
        wishElement("sample", t("Sample now")),
        wishElement("save", t("Save now")),
        wishElement("last-epoch", t("Stop after this epoch")),
    );

/** What can be asked of a run while it goes on. @param {any} wishes */
export function showNow(wishes) {
    find(".tt-now").hidden = !wishes.training;
    if (!wishes.training) return;
    const why = wishes.why_no_sample ? `<small>${text(sentence(wishes, "why_no_sample"))}</small>` : "";
    const sample = wishes.sampling ? t("Sampling...") : t("Sample now") + why;
    label("sample", sample, wishes.sampling || why, t(SAMPLES));
    label("save", t("Save now"), wishes.saving, t(SAVES));
    label(
        "last-epoch",
        t(wishes.last_epoch ? "Do not stop after this epoch" : "Stop after this epoch"),
        false,
        t(LAST_EPOCH),
    );
    label("pause", t("Pause"), false, t(PAUSES));
    const [shown, hidden] = wishes.pausing ? ["continue", "pause"] : ["pause", "continue"];
    const focused = document.activeElement === find(`[data-act="${hidden}"]`);
    find(`[data-act="${shown}"]`).hidden = false;
    find(`[data-act="${hidden}"]`).hidden = true;
    if (focused) find(`[data-act="${shown}"]`).focus();
}

/** @param {string} action @param {string} html @param {any} off @param {string} title */
function label(action, html, off, title) {
    const button = find(`[data-act="${action}"]`);
    fillWith(button, html);
    button.setAttribute("aria-disabled", Boolean(off)); // still in reach of keys: it says why it is off
    button.title = title;
}

/** @param {any} found @param {boolean} ours */
export function showBar(found, ours) {
    const {job} = found,
        bar = find(".tt-bar"),
        figures = find(".tt-figures");
    const isTold = !found.busy && IS_TOLD.test(job.kind);
    bar.hidden = job.phase === "idle" || !ours || isTold;
    const parts = bar.hidden ? [] : figuresOf(found, state.host && state.host.memory_bytes);
    figures.hidden = !parts.length;
    fillWith(figures, parts.map((part) => `<span>${text(part)}</span>`).join(""));
    if (bar.hidden) return;
    const [done, total] = partOf(job),
        share = job.phase === "finished" ? 1 : done / total;
    bar.firstElementChild.style.width = `${(100 * share).toFixed(1)}%`;
    bar.setAttribute("aria-valuenow", Math.round(100 * share));
    const what = job.phase === "working" ? t(job.work) : t(PHASES[job.phase] || job.phase),
        far = job.work === "bytes" ? `${size(done)} / ${size(total)}` : `${done} / ${total}`;
    const words =
        `${job.work === "bytes" ? t("Fetching a tagger") : what} ${job.phase === "starting" ? "" : far}`.trim();
    bar.setAttribute("aria-valuetext", words);
    bar.querySelector("span").textContent = words;
    bar.dataset.phase = job.phase;
}

/** How much of how much is done. @param {any} job */
function partOf(job) {
    const training = job.total_steps && (job.phase === "training" || job.phase === "paused" || !job.work);
    return training ? [job.step, job.total_steps] : [job.work_done || 0, job.work_total || 1];
}

/** @param {any} found @param {number | null} memory of the device, in bytes */
function figuresOf({job, wishes, memory_bytes}, memory) {
    const parts = [];
    if (job.epoch) parts.push(fill(t("epoch {}/{}"), job.epoch, job.epochs));
    if (job.loss !== null) parts.push(fill(t("loss {}"), job.loss.toFixed(4)));
    if (job.steps_per_second) parts.push(pace(job.steps_per_second));
    if (wishes.training && wishes.pausing && job.phase !== "paused") parts.push(t("pausing after this step"));
    if (job.seconds_left !== null) parts.push(fill(t("{} left"), clock(job.seconds_left)));
    if (memory_bytes) parts.push(memoryText(memory_bytes, memory));
    return parts;
}
