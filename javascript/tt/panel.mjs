// @ts-check
// The run panel: what goes on, and what can be done about it.
import {showBase} from "./base.mjs";
import {follow} from "./chart.mjs";
import {followCheckpoints} from "./checkpoints.mjs";
import {fillWith, find, foldElement, h} from "./dom.mjs";
import {text} from "./formats.mjs";
import {over, showError} from "./messages.mjs";
import {outcomeElement, showOutcome} from "./outcome.mjs";
import {plan, planElement} from "./plan.mjs";
import {liveElement, showLive} from "./live.mjs";
import {nowElement, showBar, showNow} from "./progress.mjs";
import {queueElement, showQueue} from "./queue.mjs";
import {showSamples} from "./samples.mjs";
import {on, state} from "./state.mjs";
import {fill, sentences, t} from "./words.mjs";

let reported = "";
/** @type {Record<string, string>} what another version's job does, unless it trains */
const OTHERS = {preview: "Previews of: {}", tag: "Tagging of pictures: {}", regularise: "Regularisation: {}", tool: "LoRA tool: {}", report: "Report of a sweep: {}", judge: "Figures of checkpoints: {}", sheet: "Sheet by axes: {}"}; // prettier-ignore

/** @param {string} order @param {string} kind @param {string} label @param {boolean} hidden */
const button = (order, kind, label, hidden = true) =>
    h("button", {class: `tt-button ${kind}`, "data-act": order, hidden}, t(label));

/** What stays in sight, and below it what scrolls. */
export const panelElement = () =>
    h(
        "aside",
        {class: "tt-panel", "aria-label": t("Run")},
        h("div", {class: "tt-base"}),
        planElement(),
        h(
            "div",
            {class: "tt-run-buttons"},
            button("train", "tt-primary", "Train", false),
            button("stop", "", "Stop and save"),
            button("add", "", "Add to queue"),
            h("button", {class: "tt-button", type: "button", "data-sweep": "open", disabled: true}, t("Sweep")),
            button("resume", "", "Resume"),
        ),
        h("div", {class: "tt-going"}, goingElements()),
    );

const goingElements = () => [
    otherElement(),
    h("div", {class: "tt-error", role: "alert", hidden: true}),
    outcomeElement(),
    nowElement(),
    liveElement(),
    h("div", {class: "tt-bar", role: "progressbar", "aria-label": t("Progress"), hidden: true}, h("div"), h("span")),
    h("div", {class: "tt-figures", hidden: true}),
    h("div", {class: "tt-samples", role: "group", "aria-label": t("Newest samples of this run"), hidden: true}),
    h("div", {class: "tt-graph", hidden: true}),
    queueElement(),
    foldElement({class: "tt-log", hidden: true}, t("Messages"), h("ul", {class: "tt-messages"})),
];

/** Whether the job is of the chosen version. @param {any} found @returns {boolean} */
const isOurs = ({job}) => !job.project || (job.project === state.project && job.version === state.version);

/** @param {any} found everything that moves */
export function show(found) {
    const before = state.status,
        {job} = found,
        newest = found.runs[0];
    state.status = found;
    const ours = isOurs(found);
    showOther(found, ours);
    showBase();
    showButtons(found, ours, newest);
    showEnd(job, ours);
    if (before && before.busy && (!found.busy || before.job.number !== job.number)) plan();
    showOutcome(found, ours);
    showNow(ours ? found.wishes : {...found.wishes, training: false});
    showLive(found, ours);
    showQueue(found);
    showBar(found, ours);
    follow(found, ours, newest);
    showMessages(ours ? sentences(job, "messages") : []);
    followCheckpoints(`${found.changes}/${found.checkpoints}`);
}

on("checkpoints", () => {
    if (!state.status) return;
    showSamples();
    showOutcome(state.status, isOurs(state.status));
});

/** Which run goes on is said by itself, too; its steps are not. */
const otherElement = () =>
    h(
        "div",
        {class: "tt-other", hidden: true},
        h("span", {role: "status"}),
        h("span", {class: "tt-fine"}),
        button("show-running", "", "Show", false),
    );

/** The run of another project or version is one line, and a way to it. @param {any} found @param {boolean} ours */
function showOther({busy, job}, ours) {
    const box = find(".tt-other"),
        name = `<b>${text(`${job.project} / ${job.version}`)}</b>`;
    box.hidden = ours || !busy;
    if (box.hidden) return;
    const what = fill(t(OTHERS[job.kind] || "Training: {}"), name);
    const [says, steps] = box.children;
    fillWith(says, what);
    steps.textContent = job.total_steps ? `${job.step} / ${job.total_steps}` : "";
}

/** @param {any} found @param {boolean} ours @param {any} newest run of the version */
function showButtons({busy, host, job}, ours, newest) {
    const trains = busy && ours && /^(train|resume)$/.test(job.kind);
    find('[data-act="train"]').hidden = busy;
    find('[data-act="train"]').disabled = Boolean(host.problem) || !state.project;
    find("[data-sweep]").disabled = !state.project;
    const stops = t(/^(train|resume)$/.test(job.kind) ? "Stop and save" : "Stop");
    Object.assign(find('[data-act="stop"]'), {hidden: !busy || !ours, textContent: stops});
    const again = find('[data-act="resume"]');
    again.hidden = busy || !newest || !newest.resumable || Boolean(newest.held);
    if (newest) again.textContent = fill(t("Resume {} (step {})"), newest.name, newest.state_step);
    find(".tt-panel").classList.toggle("tt-trains", trains);
    const next = find(".tt-next"),
        words = trains ? t("Changes count for the next run.") : "";
    next.hidden = !trains;
    if (next.textContent !== words) next.textContent = words;
}

/** Newest first. @param {string[]} messages */
function showMessages(messages) {
    find(".tt-log").hidden = !messages.length;
    fillWith(
        find(".tt-messages"),
        [...messages]
            .reverse()
            .map((line) => `<li>${text(line)}</li>`)
            .join(""),
    );
}

/** The error of a job, once; what was said before it goes. @param {any} job @param {boolean} ours */
function showEnd(job, ours) {
    const now = `${job.number}/${job.phase}/${ours}`;
    if (reported === now) return;
    reported = now;
    if (job.phase === "failed" && job.error && ours) showError({...job.error, cause: "run"}, "Failed");
    else if (job.phase !== "idle") over("run", "settings", "act");
}
