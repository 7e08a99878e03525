// @ts-check
// What came of a run, and what one does next.
import {labelPreviews, listed} from "./checkpoints.mjs";
import {act, fillWith, find} from "./dom.mjs";
import {text} from "./formats.mjs";
import {fill, sentence, t} from "./words.mjs";

/** @type {Record<string, string>} */
export const PHASES = {
    starting: "Starting",
    working: "Preparing",
    training: "Training",
    paused: "Paused",
    finished: "Finished",
    stopped: "Stopped",
    failed: "Failed",
    idle: "",
};
/** @type {Record<string, string>} */
const NEXT = {
    finished: "Look at the pictures below and take the earliest checkpoint that shows your subject.",
    stopped: "Everything up to here is saved.",
    failed: "What was saved before is kept.",
    paused: "The model is free meanwhile. Keep this checkpoint loaded: another one ends the run, which you can resume later.",
};

/** What is left of a run that ended without a word, by what lies on the disk; HTML. @param {any} run */
export function leftWords(run) {
    if (run.held) return `${t("Another process trains it:")} ${text(sentence(run, "held"))}`;
    if (!run.resumable)
        return t(
            "It ended before its first state was saved, so it cannot be resumed. Press Train to start it anew with the same settings.",
        );
    const lost = run.step - run.state_step;
    if (lost <= 0) return t(NEXT.stopped);
    const words = t("Resume goes on after step {}. The log goes to step {}: {} steps are lost.");
    return fill(words, run.state_step, run.step, lost);
}

/** @param {any} found @param {boolean} ours @param {any} newest run of the version */
export function showOutcome(found, ours, newest) {
    const box = find(".tt-outcome"),
        phase = ours ? found.job.phase : "idle",
        paused = phase === "paused",
        left = phase === "idle" && newest && !newest.finished;
    box.hidden = !paused && ((found.busy && ours) || (!left && !NEXT[phase]));
    if (box.hidden) return;
    const title = phase === "failed" ? "" : `<b>${titleOf(found, phase, left && newest)}</b>`;
    const html = `${title}<span>${left ? leftWords(newest) : t(NEXT[phase])}</span>${actsHtml(found, phase)}`;
    if (fillWith(box, html)) labelPreviews();
}

/** @param {any} found @param {string} phase @param {any} left a run that ended without a word */
function titleOf(found, phase, left) {
    if (phase === "paused") return `${t("Paused after step")} ${found.job.step}`;
    if (left) return `${left.name}: ${t("stopped at step")} ${left.step}`;
    return `${t(PHASES[phase])}: ${text(sentence(found.job, "outcome") || "")}`;
}

/** @param {any} found @param {string} phase */
function actsHtml(found, phase) {
    if (!listed().length) return "";
    const previews = found.job.kind !== "preview" && !found.busy ? act("preview-all", "Preview all") : "";
    const acts = previews + (phase === "finished" ? act("install-newest", "Install newest") : "");
    return acts && `<div class="tt-acts">${acts}</div>`;
}
