// @ts-check
// Errors stand at the settings they name, and as a list in the panel. A message goes when its cause goes.
import {act, all, find} from "./dom.mjs";
import {nameOf, text} from "./formats.mjs";
import {t} from "./words.mjs";

/** @typedef {{setting: string, value: string, remedy: string}} Problem */

let cause = "";

/** @param {string} setting @returns {any} */
const inputOf = (setting) => find(`#train_tools_${CSS.escape(setting)}`);

/** Show problems at their inputs, and no others. @param {Problem[]} [problems] */
export function mark(problems) {
    all(".tt-problem").forEach((node) => node.remove());
    all(".tt-wrong").forEach((node) => node.classList.remove("tt-wrong"));
    for (const problem of problems || []) {
        const input = inputOf(problem.setting);
        if (!input) continue;
        input.classList.add("tt-wrong");
        const note = document.createElement("div");
        note.className = "tt-problem";
        note.textContent = t(problem.remedy);
        input.appendChild(note);
    }
}

/** What the form calls a setting. @param {string} setting */
export function labelOf(setting) {
    const label = find(`#train_tools_${CSS.escape(setting)} :is([data-testid="block-info"], label > span)`);
    return (label && label.textContent.trim()) || (setting === "disk" ? t("Disk space") : setting);
}

/** Whether a problem is one of a file rather than of a setting. @param {Problem} problem */
export const namesFile = (problem) => problem.setting === "picture" || problem.setting === "caption";

/** The items of a list, each with a link to its place. @param {Problem[]} problems */
export const problemsHtml = (problems) => problems.map(problemHtml).join("");

/** @param {Problem} p */
function problemHtml(p) {
    const label = text(namesFile(p) ? nameOf(p.value) : labelOf(p.setting)),
        setting = text(p.setting);
    const link = `<a href="#" data-act="goto" data-setting="${setting}" title="${setting}">${label}</a>`;
    return `<li>${link}: ${text(p.remedy)}</li>`;
}

/**
 * @param {any} error message, problems and cause; null takes the message away
 * @param {string} [title]
 */
export function showError(error, title) {
    const box = find(".tt-error");
    if (!box) return;
    box.hidden = !error;
    cause = error ? error.cause || "act" : "";
    if (!error) return;
    const listed = error.changed ? changedHtml(error) : problemsHtml(error.problems || []);
    const why = listed ? `<ul>${listed}</ul>` : `<div>${text(error.message)}</div>`;
    box.innerHTML = `<b>${t(title || "This cannot be done yet")}</b>${why}`;
    mark(error.problems);
}

/** Take the message away if it has one of these causes. @param {...string} causes */
export function over(...causes) {
    if (causes.includes(cause)) showError(null);
}

/** What a run was made from is not what lies there now: back to it, or on with this. @param {any} error */
function changedHtml(error) {
    const why = t(
        "What the run was made from has changed. Put it back, go on with what is there now, or start a new run.",
    );
    const lines = [...error.changed, error.remedy].filter(Boolean).map((line) => `<li>${text(line)}</li>`);
    return `<li>${why}</li>${lines.join("")}<li class="tt-acts">${act("resume-changed", "Go on with the changes")}</li>`;
}

/** Show a setting's input, on whichever page and in whichever group it stands. @param {string} name */
export function goTo(name) {
    const input = inputOf(name) || find("#train_tools_pictures"); // a picture or caption
    const tab = input.closest(".tabitem");
    const tabs = all("#train_tools_pages > .tab-nav button"),
        panes = all("#train_tools_pages > .tabitem");
    if (tab && panes.includes(tab)) tabs[panes.indexOf(tab)].click();
    const group = input.closest("[id^=train_tools_group_]");
    const fold = group && group.querySelector(".label-wrap:not(.open)");
    if (fold) fold.click();
    setTimeout(() => {
        input.scrollIntoView({block: "center"});
        const field = input.querySelector("input,textarea");
        if (field) field.focus();
    }, 60);
}
