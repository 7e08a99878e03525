// @ts-check
// What goes on with the version's pictures is followed, whoever began it: imports and tagging.
import {wish} from "./api.mjs";
import {find, h, within} from "./dom.mjs";
import {Line, lineOf, toldElsewhere} from "./lasting.mjs";
import {here, isPlace, on, samePlace, state} from "./state.mjs";
import {farText, jobOf, openTagging} from "./tagger.mjs";
import {endingOf} from "./worked.mjs";
import {t} from "./words.mjs";
import {cancelWork, workEnded} from "./works.mjs";

on("now", () => {
    if (!isPlace() || !state.status) return;
    for (const work of state.status.works)
        if (work.kind === "import" && !lineOf(`work-${work.number}`) && !isSending() && !toldElsewhere.has(work.number))
            followWork(work);
    followTagging();
});

/** Whether this window sends files itself, and tells of it. */
function isSending() {
    const line = lineOf("upload");
    return Boolean(line && !line.isOver);
}

/** @param {any} work an import that goes on */
async function followWork(work) {
    const of = here(),
        line = new Line(`work-${work.number}`, () => cancelWork(of, work.number).catch(() => null));
    const ended = await workEnded(of, work, ({done, total}) =>
        line.show(t("Checking and converting pictures"), done, total),
    );
    if (!samePlace(of, here()) || !ended || !ended.result) return line.remove();
    line.end(endingOf(ended));
}

function followTagging() {
    const job = jobOf(here()),
        {proposal} = state.status;
    const kind = job ? "goes" : "proposed",
        line = lineOf("tagging"),
        isHeld = line?.element.contains(document.activeElement);
    if (!job && !proposal) {
        line?.remove();
        if (isHeld) find('[data-tool="tag"]')?.focus();
        return;
    }
    if (line?.element.dataset.kind !== kind) offer(kind);
    if (job) lineOf("tagging")?.show(farText(job), job.work_done || 0, job.work_total || 0);
}

/** @param {string} kind */
function offer(kind) {
    const line = new Line("tagging", kind === "goes" ? () => wish("stop") : null);
    line.element.dataset.kind = kind;
    const look = h("button", {class: "tt-button", type: "button", "data-tagging": kind}, t("Look at them")); // prettier-ignore
    if (kind === "proposed") line.offer(t("A tagger proposes tags for these pictures; nothing is written yet."), look);
}

on("tag", () => openTagging("filter"));
document.addEventListener("click", (event) => {
    const button = within(event, "[data-tagging]");
    if (button) openTagging(button.dataset.tagging === "bare" ? "all" : undefined);
});
