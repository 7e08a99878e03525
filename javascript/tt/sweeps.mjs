// @ts-check
// The version's sweeps, with what has become of their runs, and their reports.
import {fillWith, find, foldElement, h, within} from "./dom.mjs";
import {text} from "./formats.mjs";
import {showError} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {here, isPlace, on, samePlace} from "./state.mjs";
import {makeReport, reportUrl, sweeps} from "./sweep_api.mjs";
import {fill, listed, sentence, t, told} from "./words.mjs";

/** @type {Record<string, string>} what has become of a run */
const SWEPT = {
    finished: "finished",
    running: "goes on",
    waiting: "waits",
    stopped: "stopped",
    failed: "failed",
    missing: "not begun",
};

export const sweepsElement = () =>
    h("section", {class: "tt-sweeps", "aria-label": t("Sweeps"), hidden: true},
        foldElement({}, h("h2", {}, t("Sweeps")), h("div", {class: "tt-sweep-list"}))); // prettier-ignore

/** Ask what has become of them. */
export async function showSweeps() {
    const box = find(".tt-sweeps"),
        of = here();
    if (!box) return;
    const found = isPlace() ? await sweeps(of).catch(() => null) : {sweeps: []};
    if (!found || !samePlace(of, here())) return;
    const list = found.sweeps || [];
    box.hidden = !list.length;
    fillWith(find(".tt-sweep-list"), list.map((/** @type {any} */ one) => sweepHtml(one, of)).join(""));
}
on("checkpoints", showSweeps);

/** @param {any} sweep @param {import("./state.mjs").Place} of */
export function sweepHtml({name, axes, runs, files}, of) {
    const done = runs.filter((/** @type {any} */ one) => one.state === "finished").length,
        counted = fill(t("{} of {} runs finished"), done, runs.length);
    const link = (/** @type {"html" | "png" | "csv"} */ kind, /** @type {string} */ words) =>
        files.includes(kind)
            ? `<a class="tt-button" href="${text(reportUrl(of, name, kind, kind !== "html"))}" ` +
              `${kind === "html" ? 'target="_blank" rel="noopener"' : "download"} aria-label="${text(told(name, words))}">${words}</a>`
            : "";
    const again = t(files.length ? "Make the report again" : "Make the report");
    return (
        `<article class="tt-swept" data-name="${text(name)}"><div class="tt-sweep-head"><b translate="no">${text(name)}</b>` +
        `<span class="tt-fine"><span translate="no">${text(axes.join(", "))}</span> · ${counted}</span>` +
        `${link("html", t("Report"))}${link("png", "PNG")}${link("csv", "CSV")}` +
        `<button class="tt-button" type="button" data-report="${text(name)}" aria-label="${text(told(name, again))}">${again}</button></div>` +
        `<details><summary>${t("Runs")}</summary><ul>${runs.map(runHtml).join("")}</ul></details></article>`
    );
}

/** @param {any} run */
function runHtml(run) {
    const facts = [t(SWEPT[run.state])];
    if (run.loss !== null) facts.push(fill(t("loss {}"), run.loss.toFixed(4)));
    if (run.val_on !== null) facts.push(fill(t("validation {}"), run.val_on.toFixed(4)));
    const why = run.why ? `<span class="tt-warn">${text(sentence(run, "why"))}</span>` : "";
    return `<li><span translate="no">${text(run.name)}</span> <span class="tt-fine">${text(listed(facts))}</span> ${why}</li>`;
}

document.addEventListener("click", async (event) => {
    const button = within(event, "[data-report]");
    if (!button) return;
    button.disabled = true;
    const found = await makeReport(here(), button.dataset.report).catch(() => null);
    button.disabled = false;
    if (found) showError(found.error && {...found.error, cause: "act"});
    poll();
});
