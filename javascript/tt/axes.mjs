// @ts-check
// Which settings a sweep gives several values, as they are typed, and what it would do, in words.
import {span, text} from "./formats.mjs";
import {labelText} from "./labelled.mjs";
import {textOf} from "./values.mjs";
import {fill, listed, sentence, t, told} from "./words.mjs";

const HELD = /^(preview_|validat|max_validation|training_comment$|log)/; // what runs are compared by, or learn nothing from
/** @type {Record<string, string>} */
const WAYS = {float: "5e-5, 1e-4; 0.1-0.5 [5]", int: "4, 8, 16; 1-9 (+2)", other: "… | …"};
const MORE = 12;

/** Settings that may have several values. @param {any[]} declared */
export const sweepable = (declared) => declared.filter((one) => !HELD.test(one.name));

/** Whether commas stand between its values; of lists and free texts, which may hold commas, bars do. @param {any} setting */
const takesCommas = (setting) =>
    ["bool", "int", "float"].includes(setting.kind) || (setting.kind === "str" && choicesOf(setting).length > 0);

/** What can be chosen by name. @param {any} setting @returns {string[]} */
export const choicesOf = (setting) => (setting.kind === "bool" ? ["true", "false"] : setting.choices || []);

/** How values of a setting are written. @param {any} setting */
export function exampleOf(setting) {
    const choices = choicesOf(setting);
    return choices.length ? choices.slice(0, 2).join(", ") : WAYS[setting.kind] || WAYS.other;
}

/** The value of now, to which others are added. @param {any} setting @param {any} value */
export const firstText = (setting, value) => textOf(setting, value).replaceAll("\n", ", ");

/** The values that a text shows. @param {any} setting @param {string} typed */
const partsOf = (setting, typed) =>
    typed
        .split(takesCommas(setting) ? "," : /(?<=^|\s)\|(?=\s|$)/)
        .map((part) => part.trim())
        .filter(Boolean);

/** A text with one value more, or without it where it has it. @param {any} setting @param {string} typed @param {string} value */
export function toggled(setting, typed, value) {
    const parts = partsOf(setting, typed),
        rest = parts.filter((part) => part !== value);
    return (rest.length < parts.length ? rest : [...parts, value]).join(takesCommas(setting) ? ", " : " | ");
}

/** Whether a text has a value. @param {any} setting @param {string} typed @param {string} value */
export const has = (setting, typed, value) => partsOf(setting, typed).includes(value);

/** What a sweep is, and what it costs. @param {any} plan */
export function planText({runs, steps, seconds, pictures}) {
    const parts = [fill(t("{} runs"), runs.length), fill(t("{} steps"), steps.toLocaleString("en"))];
    if (seconds) parts.push(`~${span(seconds)}`);
    return listed([...parts, fill(t("a report of {} pictures"), pictures)]);
}

/** What is wrong with all runs alike; empty where some can begin, or each has a fault of its own. @param {any} plan
 * @returns {string} */
export function sharedWrong({runs}) {
    const found = [...new Set(runs.map(wrongText))];
    return found.length === 1 ? found[0] : "";
}

/** What is wrong with a run. @param {any} run */
const wrongText = (run) =>
    run.error
        ? sentence(run, "error")
        : run.problems.map((/** @type {any} */ one) => told(one.setting, sentence(one, "remedy"))).join("; ");

/** A row for each run: what differs, its steps and its time, or why it cannot begin. @param {any} plan
 * @param {any[]} declared */
export function tableHtml({axes, runs}, declared) {
    const label = (/** @type {string} */ name) =>
        labelText(declared.find((one) => one.name === name) || {name, label: ""});
    const heads = [t("Run"), ...axes.map(label), t("Steps"), t("Time")].map(
        (words) => `<th scope="col">${text(words)}</th>`,
    );
    const rows = runs.map((/** @type {any} */ run, /** @type {number} */ place) => {
        const values = axes.map((/** @type {string} */ name) => `<td translate="no">${text(run.values[name])}</td>`),
            wrong = wrongText(run);
        const rest = wrong
            ? `<td class="tt-warn" colspan="2">${text(wrong)}</td>`
            : `<td>${run.steps}</td><td>${run.seconds ? `~${span(run.seconds)}` : ""}</td>`;
        return `<tr><th scope="row">${place + 1}</th>${values.join("")}${rest}</tr>`;
    });
    return `<table><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

/** Settings that have the words, those named so first. @param {any[]} settings @param {string} typed
 * @param {(setting: any, words: string[]) => boolean} hasWords */
export function matching(settings, typed, hasWords) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const named = (/** @type {any} */ one) =>
        words.every((word) => `${labelText(one)} ${one.name}`.toLowerCase().includes(word)) ? 0 : 1;
    return settings
        .filter((one) => hasWords(one, words))
        .sort((one, other) => named(one) - named(other))
        .slice(0, MORE);
}
