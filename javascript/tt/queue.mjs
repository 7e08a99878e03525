// @ts-check
// Trainings that wait for their turn, and how those before them ended.
import {act, fillWith, find, foldElement, h} from "./dom.mjs";
import {text} from "./formats.mjs";
import {PHASES} from "./outcome.mjs";
import {fill, told, sentence, t} from "./words.mjs";

/** How many wait is always in sight, and so is why they wait. */
export const queueElement = () =>
    h(
        "section",
        {class: "tt-queue", "aria-label": t("Queue"), hidden: true},
        foldElement({}, h("span", {class: "tt-queue-head"}), h("div", {class: "tt-queue-list"})),
        h("div", {class: "tt-held", role: "status", hidden: true}),
    );

/** @param {any} found */
export function showQueue(found) {
    const box = find(".tt-queue"),
        {waiting, ended, held} = found.queue,
        add = find('[data-act="add"]');
    add.hidden = !found.busy && !waiting.length;
    add.title = t("Trains later with the settings of now; you can change them for the next one.");
    box.hidden = !waiting.length && !ended.length;
    fillWith(box.querySelector(".tt-queue-head"), headHtml(waiting.length));
    const why = box.querySelector(".tt-held");
    why.hidden = !held;
    fillWith(why, held ? heldHtml(found.queue) : "");
    const list = box.querySelector(".tt-queue-list"),
        within = list.contains(document.activeElement);
    if (!fillWith(list, queueHtml(found.queue))) return;
    if (within) (list.querySelector("button") || find(".tt-run-buttons button:not([hidden])")).focus();
}

/** @param {number} count */
const headHtml = (count) => `${t("Queue")}${count ? ` <span class="tt-tag">${count}</span>` : ""}`;

/** @param {any} queue */
export function queueHtml({waiting, ended}) {
    const past = ended.map(endedHtml).join(""),
        next = waiting.map(waitingHtml).join("");
    return (past ? `<ul class="tt-past">${past}</ul>` : "") + (next ? `<ol>${next}</ol>` : "");
}

/** @param {any} job */
const nameOf = (job) => `${text(job.project)} / ${text(job.version)}`;

/** @param {any} job */
function endedHtml(job) {
    const says = text(sentence(job, "text")),
        phase = t(PHASES[job.phase]),
        came = told(nameOf(job), job.phase === "failed" ? told(phase, says) : phase);
    return `<li class="tt-${text(job.phase)}" title="${says}">${came}</li>`;
}

/** @param {any} job */
function waitingHtml(job) {
    const name = nameOf(job);
    return (
        `<li><b>${name}</b><span class="tt-fine">${fill(t(job.steps === 1 ? "{} step" : "{} steps"), job.steps)}</span>` +
        `<button class="tt-button" data-act="unqueue" data-number="${job.number}" ` +
        `aria-label="${fill(t("Remove {}"), name)}">${t("Remove")}</button></li>`
    );
}

/** @param {any} queue */
export const heldHtml = (queue) =>
    `<span>${fill(t("The queue waits: {}"), text(sentence(queue, "held")))}</span>` +
    act("go-on", "Go on with the queue");
