// @ts-check
// Errors stand at the settings they name, and as a list in the panel. A message goes when its cause goes.
import {act, all, find} from "./dom.mjs";
import {labelText} from "./labelled.mjs";
import {nameOf, text} from "./formats.mjs";
import {state} from "./state.mjs";
import {fill, told, sentence, sentences, t} from "./words.mjs";

/** @typedef {{setting: string, value: string, remedy: string}} Problem */

let cause = "";

/** @param {string} setting @returns {any} */
const fieldOf = (setting) => find(`#train_tools_${CSS.escape(setting)}`);

/** Show problems at their inputs, and no others. @param {Problem[]} [problems]
 * @param {any} [form] that has problems of its own, which others leave alone */
export function mark(problems, form = null) {
    for (const field of all(".tt-wrong").filter((one) => one.closest(".tt-own-marks") === form)) {
        field.classList.remove("tt-wrong");
        field.querySelector(".tt-problem").textContent = "";
        field.querySelector("[data-setting]").removeAttribute("aria-invalid");
    }
    for (const problem of problems || []) {
        const field = fieldOf(problem.setting);
        if (!field) continue;
        field.classList.add("tt-wrong");
        field.querySelector(".tt-problem").textContent = sentence(problem, "remedy");
        field.querySelector("[data-setting]").setAttribute("aria-invalid", "true");
    }
}

/** Say at their fields which settings change nothing now. @param {{setting: string, reason: string}[]} unused */
export function markUnused(unused) {
    const reasons = new Map(unused.map((one) => [one.setting, sentence(one, "reason")]));
    for (const note of all(".tt-unused")) {
        const reason = reasons.get(note.dataset.of);
        note.textContent = reason ? fill(t("Without effect now: {}"), reason) : "";
    }
}

/** What the form calls a setting. @param {string} setting */
export function labelOf(setting) {
    const declared = state.declared.find((one) => one.name === setting);
    return declared ? labelText(declared) : setting === "disk" ? t("Disk space") : setting;
}

/** Whether a problem is one of a file rather than of a setting. @param {Problem} problem */
export const namesFile = (problem) => problem.setting === "picture" || problem.setting === "caption";

/** The items of a list, each with a link to its place. @param {Problem[]} problems */
export const problemsHtml = (problems) => problems.map(problemHtml).join("");

/** @param {Problem} p */
function problemHtml(p) {
    const [label, title] = namesFile(p) ? [nameOf(p.value), p.value] : [labelOf(p.setting), p.setting];
    return `<li>${told(linkHtml(p.setting, label, title), linked(sentence(p, "remedy")))}</li>`;
}

/** A way to a setting's field. @param {string} setting @param {string} label @param {string} title */
const linkHtml = (setting, label, title = setting) =>
    `<a href="#" data-act="goto" data-setting="${text(setting)}" title="${text(title)}">${text(label)}</a>`;

const NAMES = /\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b|\b[a-z]+(?= = )/g;

/** A sentence with a way to each setting that it names, under the name that the form has; HTML. @param {string} words */
export const linked = (words) =>
    text(words).replace(NAMES, (name) =>
        state.declared.some((one) => one.name === name) ? linkHtml(name, labelOf(name)) : name,
    );

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
    const why = listed ? `<ul>${listed}</ul>` : `<div>${linked(sentence(error, "message"))}</div>`;
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
    const lines = [...sentences(error, "changed"), sentence(error, "remedy")]
        .filter(Boolean)
        .map((line) => `<li>${text(line)}</li>`);
    return `<li>${why}</li>${lines.join("")}<li class="tt-acts">${act("resume-changed", "Go on with the changes")}</li>`;
}
