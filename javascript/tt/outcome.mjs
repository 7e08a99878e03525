// @ts-check
// What came of a run: which one, why it ended, where its files are, and what one does next.
import {labelPreviews, listed} from "./checkpoints.mjs";
import {fillWith, find, h} from "./dom.mjs";
import {text} from "./formats.mjs";
import {fill, told, sentence, t} from "./words.mjs";

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
    unseen: "Preview all shows what each checkpoint draws; take the earliest that shows your subject.",
    stopped: "Everything up to here is saved.",
    failed: "What was saved before is kept.",
    lost: "Nothing of it was saved yet. Change what is said above, and press Train.",
    diverged: "Change what is said above, and press Train: Resume would go on with the same settings.",
    paused: "The model is free meanwhile. Keep this checkpoint loaded: another one ends the run, which you can resume later.",
};
/** @type {Record<string, string>} the same of previews */
const NEXT_PREVIEW = {
    finished: "Compare the pictures below, and install the checkpoint that you like best.",
    stopped: "The pictures made so far are kept.",
    failed: "The pictures made so far are kept.",
};

/** @typedef {{title: string, lines: string[], acts: string[]}} Outcome all but ``acts`` are text */

/** What is left of a run, by what lies on the disk. @param {any} run */
export function leftWords(run) {
    if (run.held) return `${t("Another process trains it:")} ${sentence(run, "held")}`;
    if (!run.resumable)
        return t(
            "It ended before its first state was saved, so it cannot be resumed. Press Train to start it anew with the same settings.",
        );
    const lost = run.step - run.state_step;
    if (lost <= 0) return t(NEXT.stopped);
    const words = t("Resume goes on after step {}. The log goes to step {}: {} steps are lost.");
    return fill(words, run.state_step, run.step, lost);
}

/**
 * @param {any} found everything that moves
 * @param {boolean} ours whether the job is of the chosen version
 * @param {any[]} checkpoints of the version
 * @returns {Outcome | null} null while there is nothing to say
 */
export function outcomeOf(found, ours, checkpoints) {
    const {job, busy} = found,
        run = found.runs[0],
        phase = ours ? job.phase : "idle";
    if (phase === "paused")
        return {title: fill(t("Paused after step {}"), job.step), lines: [t(NEXT.paused)], acts: []};
    if (busy && ours) return null;
    const kept = {lines: fileLines(found, checkpoints), acts: checkpoints.length ? ["preview-all"] : []};
    if (phase === "idle") return run && !run.finished ? ofLog(run, kept) : null;
    if (!/^(train|resume)$/.test(job.kind)) return ofOther(job, kept);
    return phase === "finished" ? ofFinished(job, checkpoints, kept) : ofEnded(job, run, found, kept);
}

/** @param {string[]} acts */
const withInstall = (acts) => (acts.length ? [...acts, "install-newest"] : acts);

/** @typedef {Omit<Outcome, "title">} Rest where files lie, and what can be done with them */

/** @param {any} found @param {any[]} checkpoints */
const fileLines = ({folder}, checkpoints) =>
    checkpoints.length && folder ? [fill(t("Checkpoints lie in {}."), `${folder}/checkpoints`)] : [];

/** A run of an earlier process. @param {any} run @param {Rest} kept @returns {Outcome} */
function ofLog(run, {lines, acts}) {
    const why = run.error.startsWith("Traceback") ? run.error.split("\n").pop() : run.error;
    const title = fill(t(why ? "{} failed at step {}" : "{} stopped at step {}"), run.name, run.step);
    return {title, lines: [why, leftWords(run), ...lines].filter(Boolean), acts: run.held ? [] : acts};
}

/** Of previews and the like. @param {any} job @param {Rest} kept @returns {Outcome | null} */
function ofOther(job, {acts}) {
    const ended = sentence(job, "outcome"),
        title = t(PHASES[job.phase]);
    const isPreview = job.kind === "preview" || job.kind === "sheet",
        rest = job.phase === "finished" ? ["install-newest"] : acts,
        lines = isPreview ? [t(NEXT_PREVIEW[job.phase])] : [];
    if (IS_TOLD.test(job.kind) && job.phase === "finished") return null;
    return {title: ended ? told(title, ended) : title, lines, acts: isPreview ? rest : []};
}

/** @param {any} job @param {any[]} checkpoints @param {Rest} kept @returns {Outcome} */
function ofFinished(job, checkpoints, {acts}) {
    const seen = checkpoints.some((one) => one.previews.length);
    const title = told(t(PHASES.finished), sentence(job, "outcome"));
    return {title, lines: [t(NEXT[seen ? "finished" : "unseen"])], acts: withInstall(acts)};
}

/** Stopped, or failed for the reason that stands above. @param {any} job @param {any} run the newest
 * @param {any} found @param {Rest} kept @returns {Outcome} */
function ofEnded(job, run, found, {lines, acts}) {
    const begun = run && (job.step ?? null) !== null; // before that there is no run
    if (job.phase === "stopped")
        return {
            title: told(t(PHASES.stopped), sentence(job, "outcome")),
            lines: [begun ? leftWords(run) : "", ...lines].filter(Boolean),
            acts: withInstall(acts),
        };
    const title = begun ? fill(t("{} failed at step {}"), run.name, run.step) : t("It did not begin.");
    const file = job.error && job.error.ours && run && `${found.folder}/runs/${run.name}/error.txt`;
    const fault = file ? [fill(t("This is a fault of Train Tools; what happened stands in {}."), file)] : [];
    return {title, lines: [...fault, begun ? failedWords(run, job.error) : t(NEXT.failed), ...lines], acts};
}

/** @param {any} run @param {any} error */
function failedWords(run, error) {
    if (run.resumable && !(error && error.code === "diverged")) return leftWords(run);
    return t(NEXT[run.resumable ? "diverged" : "lost"]);
}

export const IS_TOLD = /^(tag|fetch|regularise)$/; // by the page of the pictures
/** @type {Record<string, string>} */
const BUTTONS = {"preview-all": "Preview all", "install-newest": "Install newest"};

/** What is said of it by itself, too; buttons beside it are not, as their words change with the plan. */
export const outcomeElement = () =>
    h("div", {class: "tt-outcome", hidden: true}, h("div", {role: "status"}), h("div", {class: "tt-acts"}));

/** @param {Outcome} outcome */
export const outcomeHtml = ({title, lines}) =>
    `<b>${text(title)}</b>${lines.map((line) => `<span>${text(line)}</span>`).join("")}`;

/** @param {Outcome} outcome */
export const nextHtml = ({acts}) =>
    acts.map((name) => `<button class="tt-button" data-act="${name}">${t(BUTTONS[name])}</button>`).join("");

/** @param {any} found @param {boolean} ours */
export function showOutcome(found, ours) {
    const box = find(".tt-outcome"),
        outcome = outcomeOf(found, ours, listed());
    box.hidden = !outcome;
    if (!outcome) return;
    fillWith(box.firstElementChild, outcomeHtml(outcome));
    if (fillWith(box.lastElementChild, nextHtml(outcome))) labelPreviews();
}
