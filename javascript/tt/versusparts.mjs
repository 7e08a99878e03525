// @ts-check
// What differs between two versions: their conclusions, settings and runs, and all other parts in order.
import {h} from "./dom.mjs";
import {span} from "./formats.mjs";
import {labelOf} from "./messages.mjs";
import {state} from "./state.mjs";
import {textOf} from "./values.mjs";
import {captions, pictures, sheets, tags} from "./versuspictures.mjs";
import {part, quiet, table} from "./versustable.mjs";
import {fill, listed, t, told} from "./words.mjs";

/** All parts, with a place for the chart among them. @param {any} found @param {any} chart */
export const partsOf = (found, chart) => [
    conclusions(found.sides),
    settings(found),
    part(t("Runs"), table(found.sides, [[t("Run"), ...found.sides.map(runs)]])),
    part(t("Curves"), chart),
    pictures(found),
    captions(found),
    tags(found),
    sheets(found.sides),
];

/** @param {any[]} sides */
function conclusions(sides) {
    const labels = {conclusion: t("Conclusion"), best: t("Best checkpoint"), notes: t("Notes"), copy_of: t("Copy of")};
    const rows = Object.entries(labels)
        .filter(([name]) => sides.some((side) => side[name]))
        .map(([name, label]) => [
            label,
            ...sides.map((side) => h("p", {class: "tt-lines", translate: "no"}, side[name])),
        ]);
    return part(t("Conclusions"), rows.length ? table(sides, rows) : quiet(t("Neither has notes yet.")));
}

/** @param {any} found */
function settings({sides, settings: differing, settings_same: same}) {
    const rows = differing.map((/** @type {any} */ one) => [
        h("span", {title: one.name}, labelOf(one.name) === one.name ? t(one.label) : labelOf(one.name)),
        ...one.values.map((/** @type {any} */ value) => cellOf(one.name, value)),
    ]);
    return part(
        t("Settings"),
        rows.length > 0 && table(sides, rows),
        quiet(fill(t("{} settings are the same."), same)),
    );
}

/** A value in a cell: what somebody wrote stays as it is. @param {string} name @param {any} value */
const cellOf = (name, value) => h("span", {translate: isWord(value) ? "yes" : "no"}, valueText(name, value));

/** Whether a value is told by a word of the page. @param {any} value */
const isWord = (value) => typeof value === "boolean" || !textOf({separator: ","}, value);

/** @param {string} name @param {any} value */
export function valueText(name, value) {
    if (typeof value === "boolean") return value ? t("on") : t("off");
    const declared = state.declared.find((one) => one.name === name) || {separator: ","};
    return textOf(declared, value) || t("empty");
}

/** @param {any} side */
const runs = (side) =>
    side.runs.length
        ? h(
              "ul",
              {},
              side.runs.map((/** @type {any} */ run) => h("li", {}, runText(run))),
          )
        : t("No run yet");

/** @param {any} run */
function runText({name, step, steps, loss, val_on: on, val_off: off, seconds, base, others}) {
    return told(
        name,
        listed(
            [
                steps && steps !== step ? fill(t("step {} of {}"), step, steps) : fill(t("step {}"), step),
                loss !== null && fill(t("loss {}"), loss.toFixed(4)),
                on !== null &&
                    off !== null &&
                    fill(t("held-out pictures {}, without the network {}"), on.toFixed(4), off.toFixed(4)),
                seconds && span(seconds),
                base,
                others.length > 0 && fill(t("trained with other settings than now: {}"), listed(others.map(labelOf))),
            ].filter(Boolean),
        ),
    );
}
