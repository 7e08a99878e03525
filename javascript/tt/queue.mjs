// @ts-check
// Jobs that wait for their turn, and how those before them ended.
import {act, fillWith, find, foldElement, h, within} from "./dom.mjs";
import {movable} from "./dragging.mjs";
import {text} from "./formats.mjs";
import {showError} from "./messages.mjs";
import {PHASES} from "./outcome.mjs";
import {moveJob} from "./queue_api.mjs";
import {optionsElement, showOptions} from "./queue_options.mjs";
import {isPlace, state} from "./state.mjs";
import {fill, told, sentence, t} from "./words.mjs";

/** @type {Record<string, string>} what a job does, unless it trains */
const KINDS = {
    resume: "Resume",
    preview: "Previews",
    tag: "Tag pictures",
    regularise: "Make regularisation pictures",
    fetch: "Fetching a tagger",
    tool: "LoRA tool",
    report: "Report of a sweep",
    judge: "Figures of checkpoints",
    sheet: "Sheet by axes",
};
/** How many wait is always in sight, and so is why they wait. */
export function queueElement() {
    const line = h("ol", {class: "tt-queue-line", keydown: onKey});
    movable(line, (from, to) => from >= 0 && move(from, to));
    return h(
        "section",
        {class: "tt-queue", "aria-label": t("Queue"), hidden: true},
        foldElement(
            {},
            h("span", {class: "tt-queue-head"}),
            h("div", {class: "tt-queue-list"}, h("div", {class: "tt-queue-past"}), line, optionsElement()),
        ),
        h("div", {class: "tt-held", role: "status", hidden: true}),
    );
}

/** @param {any} found */
export function showQueue(found) {
    const box = find(".tt-queue"),
        {waiting, held, settings} = found.queue,
        add = find('[data-act="add"]');
    add.hidden = !found.busy && !waiting.length && !settings.paused && !settings.start_at;
    add.title = t("Trains later with the settings of now; you can change them for the next one.");
    box.hidden = !isPlace() && !waiting.length;
    fillWith(box.querySelector(".tt-queue-head"), headHtml(waiting.length));
    const why = box.querySelector(":scope > .tt-held");
    why.hidden = !held;
    fillWith(why, held ? heldHtml(found.queue) : "");
    fillWith(box.querySelector(".tt-queue-past"), pastHtml(found.queue) || (waiting.length ? "" : emptyHtml()));
    showOptions(found.queue.settings);
    const list = box.querySelector(".tt-queue-line"),
        isHeld = list.contains(document.activeElement);
    if (!fillWith(list, waiting.map(waitingHtml).join(""))) return;
    if (isHeld && !list.contains(document.activeElement))
        (list.querySelector('[data-act="unqueue"]') || find(".tt-run-buttons button:not([hidden])")).focus();
}

/** @param {number} count */
const headHtml = (count) => `${t("Queue")}${count ? ` <span class="tt-tag">${count}</span>` : ""}`;

/** What comes here, where nothing waits. */
export const emptyHtml = () =>
    `<p class="tt-fine">${t("What you start while something goes on waits here for its turn; so do the runs of a sweep.")}</p>`;

/** What stands above those that wait. @param {any} queue */
export function pastHtml({ended = [], running, elsewhere, trouble, elsewhere_text, trouble_text}) {
    const past = ended.map(endedHtml).join(""),
        who = sentence({elsewhere, elsewhere_text}, "elsewhere"),
        wrong = sentence({trouble, trouble_text}, "trouble");
    return (
        (trouble ? `<p class="tt-warn">${text(wrong)}</p>` : "") +
        (past ? `<ul class="tt-past">${past}</ul>` : "") +
        (elsewhere && running ? `<p class="tt-fine">${told(nameOf(running), text(who))}</p>` : "")
    );
}

/** @param {any} job @param {(words: string) => string} own what is made of words that are people's */
function nameOf(job, own = text) {
    const place = job.project ? own(`${job.project} / ${job.version}`) : "";
    return [place, KINDS[job.kind] && t(KINDS[job.kind]), job.name && own(job.name)].filter(Boolean).join(", ");
}

/** @param {string} words */
const ownHtml = (words) => `<span translate="no">${text(words)}</span>`;

/** @param {string} does @param {any} job @param {string} sign @param {string} label with the job's name in it */
const orderHtml = (does, job, sign, label) =>
    `<button class="tt-button" data-act="${does}" data-number="${job.number}" ` +
    `aria-label="${fill(label, nameOf(job))}" title="${fill(label, nameOf(job))}">${sign}</button>`;

/** @param {any} job */
function endedHtml(job) {
    const says = text(sentence(job, "text")),
        phase = t(PHASES[job.phase]),
        came = told(nameOf(job), job.phase === "failed" ? told(phase, says) : phase),
        again = job.phase === "finished" ? "" : orderHtml("retry", job, t("Retry"), t("Retry {}"));
    return (
        `<li class="tt-${text(job.phase)}"><span title="${says}">${came}</span>` +
        `${again}${orderHtml("unqueue", job, "×", t("Remove {}"))}</li>`
    );
}

/** @param {any} job @param {number} at its place @param {any[]} all */
export function waitingHtml(job, at, all) {
    const steps = job.steps ? fill(t(job.steps === 1 ? "{} step" : "{} steps"), job.steps) : "",
        begun = job.again ? t("begun before") : "";
    return (
        `<li data-name="${job.number}" title="${text(job.note || "")}"><span data-chip class="tt-grip" aria-hidden="true">⠿</span>` +
        `<b>${nameOf(job, ownHtml)}</b><span class="tt-fine">${[begun, steps].filter(Boolean).join(", ")}</span>` +
        (at > 0 ? orderHtml("up", job, "↑", t("Move {} up")) : "") +
        (at < all.length - 1 ? orderHtml("down", job, "↓", t("Move {} down")) : "") +
        `${orderHtml("unqueue", job, "×", t("Remove {}"))}</li>`
    );
}

/** @param {any} queue */
export const heldHtml = (queue) =>
    `<span>${fill(t("The queue waits: {}"), text(sentence(queue, "held")))}</span>` +
    act("go-on", "Go on with the queue");

const waitingNow = () => state.status.queue.waiting.map((/** @type {any} */ one) => one.number);

/** Move a job. @param {number} from its place @param {number} to the place before which it goes
 * @returns {Promise<any>} the answer */
export async function move(from, to) {
    const numbers = waitingNow(),
        found = await moveJob(numbers[from], numbers[to] ?? null).catch(() => null);
    if (found && found.error) showError({...found.error, cause: "act"});
    return found;
}

/** Move a job by one place. @param {number} number @param {-1 | 1} by */
export function step(number, by) {
    const from = waitingNow().indexOf(number);
    return move(from, by < 0 ? from - 1 : from + 2);
}

/** Alt and an arrow move a job, too. @param {KeyboardEvent} event */
function onKey(event) {
    if (!event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
    const row = within(event, "[data-name]"),
        up = event.key === "ArrowUp",
        moves = row && row.querySelector(`[data-act="${up ? "up" : "down"}"]`);
    event.preventDefault();
    if (moves) moves.click();
}
