// @ts-check
// The run panel: what goes on, and what can be done about it.
import {follow} from "./chart.mjs";
import {followCheckpoints} from "./checkpoints.mjs";
import {act, fillWith, find, h} from "./dom.mjs";
import {text} from "./formats.mjs";
import {over, showError} from "./messages.mjs";
import {showOutcome} from "./outcome.mjs";
import {plan} from "./plan.mjs";
import {showBar, showLatest, showNow} from "./progress.mjs";
import {showQueue} from "./queue.mjs";
import {state} from "./state.mjs";
import {sentence, sentences, t} from "./words.mjs";

let told = "";

/** @param {string} order @param {string} kind @param {string} label @param {boolean} hidden */
const button = (order, kind, label, hidden = true) =>
    h("button", {class: `tt-button ${kind}`, "data-act": order, hidden}, t(label));

export const panelElement = () =>
    h(
        "aside",
        {class: "tt-panel", "aria-label": t("Run")},
        h("div", {class: "tt-base"}),
        h("div", {class: "tt-plan", "aria-live": "polite"}),
        h(
            "div",
            {class: "tt-run-buttons"},
            button("train", "tt-primary", "Train", false),
            button("stop", "", "Stop and save"),
            button("add", "", "Add to queue"),
            button("resume", "", "Resume"),
        ),
        h(
            "div",
            {class: "tt-run-buttons tt-now", hidden: true},
            button("pause", "", "Pause", false),
            button("continue", "", "Continue"),
            button("sample", "", "Sample now", false),
        ),
        h("div", {class: "tt-other", role: "status", hidden: true}),
        h("div", {class: "tt-error", role: "alert", hidden: true}),
        h("div", {class: "tt-outcome", role: "status", hidden: true}),
        h(
            "div",
            {class: "tt-bar", role: "progressbar", "aria-label": t("Progress"), hidden: true},
            h("div"),
            h("span"),
        ),
        h("div", {class: "tt-figures"}),
        h("div", {class: "tt-graph", hidden: true}),
        h("section", {class: "tt-queue", "aria-label": t("Queue"), hidden: true}),
        h("img", {class: "tt-latest", alt: t("Newest preview"), hidden: true}),
        h("div", {class: "tt-messages"}),
    );

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
    const lines = ours
        ? sentences(job, "messages")
              .reverse()
              .map((line) => `<div>${text(line)}</div>`)
        : [];
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
        ? `<span class="tt-warn">${text(sentence(host, "problem"))}</span>`
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
