// @ts-check
// The plan in words: figures first, then what is wrong and what is worth knowing.
import {size, span, text} from "./formats.mjs";
import {linked, problemsHtml} from "./messages.mjs";
import {fill, sentence, sentences, t} from "./words.mjs";

/** @type {Record<string, string>} */
const TIMES = {
    measured: "At the speed of the newest run of this kind; previews made meanwhile come on top.",
    estimated:
        "Estimated from model, sizes and device; the first run of this kind corrects it. Previews made meanwhile come on top.",
};
const MEMORY = "On the device while training: an estimate.";
/** @type {Record<string, string>} as people call them, in every language */
const FAMILIES = {sd1: "SD1.5", sd2: "SD2", sdxl: "SDXL"};

/** @param {number} number */
const grouped = (number) => number.toLocaleString("en");

/** @param {string[]} parts at least one */
const inARow = (parts) => parts.reduce((before, part) => fill(t("{}, {}"), before, part));

/** A number in a translated sentence, set apart. @param {string} name @param {string} words with "{}" for each
 * @param {(number | string)[]} values @param {string} [title] @param {string} [more] HTML */
const figure = (name, words, values, title = "", more = "") =>
    `<span class="tt-figure" data-figure="${name}" title="${text(title)}">` +
    `${fill(text(words), ...values.map((value) => `<b>${text(value)}</b>`))}${more}</span>`;

/** Memory of a run beside that of the device. @param {number} bytes @param {number | null} whole */
export function memoryText(bytes, whole) {
    const taken = size(bytes),
        all = whole ? size(whole) : "";
    const unit = all.slice(-3);
    return all ? `${taken.endsWith(unit) ? taken.slice(0, -3) : taken} / ${all}` : taken;
}

/** What decides: steps, time, memory. @param {any} found a plan @param {number | null} memory of the device, in bytes */
function mainHtml(found, memory) {
    const estimated = found.seconds_are === "estimated",
        how = estimated ? ` <i>${t("estimated")}</i>` : "";
    const about = t(TIMES[found.seconds_are] || ""),
        tight = memory && found.memory_bytes > memory;
    return [
        figure("steps", t(found.steps === 1 ? "{} step" : "{} steps"), [grouped(found.steps)]),
        found.seconds ? figure("time", "{}", [`~${span(found.seconds)}`], about, how) : "",
        `<span class="${tight ? "tt-warn" : ""}">` +
            `${figure("memory", t("{} memory"), [memoryText(found.memory_bytes, memory)], t(MEMORY))}</span>`,
    ].join("");
}

/** Where those come from. @param {any} found a plan */
function partsHtml(found) {
    const [least, most] = found.repeats,
        times = least === most ? `${most}` : `${least}–${most}`;
    const repeats = most > 1 ? ` × ${figure("repeats", t("{} repeats"), [times])}` : "";
    const parts = [
        figure("pictures", t(found.pictures === 1 ? "{} picture" : "{} pictures"), [found.pictures]) + repeats,
        found.regularisation && figure("regularisation", t("{} for regularisation"), [found.regularisation]),
        figure("buckets", t(found.buckets === 1 ? "{} bucket" : "{} buckets"), [found.buckets]),
        figure("epoch", t(found.steps_per_epoch === 1 ? "{} step an epoch" : "{} steps an epoch"), [
            grouped(found.steps_per_epoch),
        ]),
        figure("epochs", t(found.epochs === 1 ? "{} epoch" : "{} epochs"), [found.epochs]),
        figure("saves", t(found.saves === 1 ? "{} save of {}" : "{} saves of {}"), [
            found.saves,
            size(found.checkpoint_bytes),
        ]),
    ];
    return inARow(parts.filter(Boolean));
}

/** @param {any} found a plan @param {number | null} memory of the device, in bytes */
export function figuresHtml(found, memory) {
    const unknown = found.seconds || !found.pictures ? "" : t("Time: known after the first run of this kind.");
    return (
        `<p class="tt-main-figures">${mainHtml(found, memory)}</p><p class="tt-fine">${partsHtml(found)}</p>` +
        (unknown && `<p class="tt-fine">${unknown}</p>`)
    );
}

/** The worst that the doctor finds, as a way to its pictures. @param {any} doctor */
function worstHtml(doctor) {
    const more = doctor.more
            ? ` <span class="tt-fine">${fill(t(doctor.more === 1 ? "and {} more finding" : "and {} more findings"), doctor.more)}</span>`
            : "",
        says = text(sentence(doctor, "text"));
    return (
        `<li class="tt-worst" data-severity="${doctor.severity}"><span>` +
        `<a href="#" data-worst="${text(doctor.filter)}" title="${t("Show it on the Pictures page")}">${says}</a>${more}</span></li>`
    );
}

/** What is worth knowing, a line each; advice with a button that follows it. @param {any} found a plan */
export function notesHtml(found) {
    const notes = sentences(found, "notes").slice(0, found.notes.length - found.advice.length); // advice ends them
    const use = (/** @type {number} */ i) => `<button class="tt-button" data-advice="${i}">${t("use")}</button>`;
    const lines = [
        ...(found.doctor ? [worstHtml(found.doctor)] : []),
        ...found.advice.map(
            (/** @type {any} */ one, /** @type {number} */ i) =>
                `<li class="tt-advice"><span>${linked(sentence(one, "text"))}</span>${use(i)}</li>`,
        ),
        ...notes.map((note) => `<li>${linked(note)}</li>`),
    ];
    return lines.length ? `<ul class="tt-remarks">${lines.join("")}</ul>` : "";
}

/** @param {import("./messages.mjs").Problem[]} problems */
export const wrongsHtml = (problems) => (problems.length ? `<ul class="tt-wrongs">${problemsHtml(problems)}</ul>` : "");

/** The same as the command line prints. @param {any} found a plan */
export const detailsHtml = (found) =>
    `<details><summary>${t("Details")}</summary><pre>${text(sentence(found, "text"))}</pre></details>`;

/** The base model of a plan, as people know its kind. @param {any} found a plan */
export const kindOf = (found) => `${FAMILIES[found.family] || found.family}, ${found.side} px`;

/** The plan for somebody who hears it. @param {any} found @param {number} wrong problems */
export function spokenPlan(found, wrong) {
    const problems = wrong ? [fill(t(wrong === 1 ? "{} problem" : "{} problems"), wrong)] : [];
    if (found.error) return problems.join();
    const time = found.seconds ? [span(found.seconds)] : [];
    return inARow([fill(t(found.steps === 1 ? "{} step" : "{} steps"), grouped(found.steps)), ...time, ...problems]);
}
