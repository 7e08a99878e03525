// @ts-check
// Trainings that wait for their turn, and how those before them ended.
import {act, fillWith, find} from "./dom.mjs";
import {text} from "./formats.mjs";
import {PHASES} from "./outcome.mjs";
import {sentence, t} from "./words.mjs";

/** @param {any} found */
export function showQueue(found) {
    const box = find(".tt-queue"),
        {waiting, ended} = found.queue,
        add = find('[data-act="add"]');
    add.hidden = !found.busy && !waiting.length;
    add.title = t("Trains later with the settings of now; you can change them for the next one.");
    box.hidden = !waiting.length && !ended.length;
    const within = box.contains(document.activeElement);
    if (!fillWith(box, queueHtml(found.queue))) return;
    if (within) (box.querySelector("button") || find(".tt-run-buttons button:not([hidden])")).focus();
}

/** @param {any} queue */
export function queueHtml(queue) {
    const {waiting, ended} = queue,
        held = sentence(queue, "held");
    const past = ended.map(endedHtml).join(""),
        next = waiting.map(waitingHtml).join("");
    return (
        `<h4>${t("Queue")}</h4>` +
        (past ? `<ul class="tt-past">${past}</ul>` : "") +
        (next ? `<ol>${next}</ol>` : "") +
        (held ? heldHtml(held) : "")
    );
}

/** @param {any} job */
const nameOf = (job) => `${text(job.project)} / ${text(job.version)}`;

/** @param {any} job */
function endedHtml(job) {
    const outcome = text(sentence(job, "text"));
    const why = job.phase === "failed" ? `: ${outcome}` : "";
    const words = `${nameOf(job)}: ${t(PHASES[job.phase])}${why}`;
    return `<li class="tt-${text(job.phase)}" title="${outcome}">${words}</li>`;
}

/** @param {any} job */
function waitingHtml(job) {
    const name = nameOf(job);
    return (
        `<li><b>${name}</b><span class="tt-fine">${job.steps} ${t("steps")}</span>` +
        `<button class="tt-button" data-act="unqueue" data-number="${job.number}" ` +
        `aria-label="${t("Remove")} ${name}">${t("Remove")}</button></li>`
    );
}

/** @param {string} why */
const heldHtml = (why) =>
    `<div class="tt-held" role="status"><span>${t("The queue waits")}: ${text(why)}</span>` +
    `${act("go-on", "Go on with the queue")}</div>`;
