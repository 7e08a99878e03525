// @ts-check
// Tagging of the version's pictures is followed, whoever began it.
import {wish} from "./api.mjs";
import {find, h, within} from "./dom.mjs";
import {Line, lineOf} from "./lasting.mjs";
import {here, isPlace, on, state} from "./state.mjs";
import {farText, jobOf, openTagging} from "./tagger.mjs";
import {t} from "./words.mjs";

on("now", () => {
    if (!isPlace() || !state.status) return;
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
});

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
