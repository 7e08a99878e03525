// @ts-check
// Checkpoints: a row of pictures each.
import * as api from "./api.mjs";
import {SORTS, arranged, look, runsIn, view} from "./arrange.mjs";
import {act, all, fillWith, find, foldElement, h, isOn} from "./dom.mjs";
import {text} from "./formats.mjs";
import {followInstalled, showFigures} from "./judge.mjs";
import {nothingText} from "./nothing.mjs";
import {rowHtml, sheetsHtml, shotWords} from "./rows.mjs";
import {columnsOf, shots} from "./shots.mjs";
import {here, isPlace, state, tell} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

const SHEETS = 6;
const SHEET_OF = "A sheet of all checkpoints with the settings under Saving and previews";
/** @type {any[]} newest first */
let checkpoints = [];
/** @type {number[]} places of those that are shown */
let shown = [];
/** @type {import("./shots.mjs").Column[]} */
let columns = [];
/** @type {string[]} */
let sheets = [];
let followed = ""; // of which version, and after how many changes

export const listed = () => checkpoints;
/** @param {number} row */
export const isShown = (row) => shown.includes(row);
/** @param {number} column */
export const columnAt = (column) => columns[column];
/** @param {number} row @param {number} column -1 is that of the sheets @returns {string | undefined} */
export const pathAt = (row, column) => (column < 0 ? sheets[row] : (columns[column] || {paths: []}).paths[row]);
export const extent = () => ({rows: Math.max(checkpoints.length, sheets.length), columns: columns.length});
/** What a column's pictures have in common. @param {import("./shots.mjs").Column} column */
export const shotText = (column) => shotWords(column, columns);

export function checkpointsElement() {
    const head = h("h2", {}, t("Checkpoints"), " ", h("span", {class: "tt-fine"}));
    const tools = h(
        "div",
        {class: "tt-head", hidden: true},
        choiceElement("run", t("Run"), (run) => look({run})),
        choiceElement("sort", t("Sort"), (sort) => look({sort: /** @type {any} */ (sort)})),
    );
    const made = act("preview-all", "Preview all", SHEET_OF);
    const axes = `<button class="tt-button" type="button" data-sheet-axes>${t("Sheet by axes")}</button>`;
    tools.insertAdjacentHTML("beforeend", `<span>${made} ${axes}</span>`);
    return h("section", {class: "tt-checkpoints", "aria-label": t("Checkpoints"), hidden: true},
        foldElement({}, head, tools, h("div", {class: "tt-judged-of"}), h("div", {class: "tt-rows"}))); // prettier-ignore
}

/** @param {"run" | "sort"} what @param {string} label @param {(value: string) => void} chosen */
function choiceElement(what, label, chosen) {
    const changed = (/** @type {any} */ event) => {
        chosen(event.target.value);
        draw();
    };
    return h(
        "label",
        {class: "tt-pick-one"},
        h("span", {}, label),
        h("select", {"data-choice": what, change: changed}),
    );
}

/** Ask again where something has changed on the disk, or another version is chosen. @param {string} changes */
export function followCheckpoints(changes) {
    const key = `${changes}/${state.project}/${state.version}`;
    if (key === followed) return;
    followed = key;
    showCheckpoints();
}

/** Ask again with the next answer about jobs. */
export function askCheckpointsAnew() {
    followed = "";
}

export async function showCheckpoints() {
    const place = find(".tt-checkpoints");
    if (!place) return;
    place.hidden = !isPlace();
    showFigures(find(".tt-judged-of"), state.project, state.version);
    if (place.hidden) return take([], {base: [], sheets: []});
    const answers = await Promise.all([api.checkpoints(here()), api.previews(here())]).catch(() => null);
    if (!answers) return; // they are asked for again
    const [found, drawn] = answers;
    const error = found.error || drawn.error;
    if (error) fillWith(find(".tt-rows"), `<div class="tt-empty">${text(sentence(error, "message"))}</div>`);
    else take(found.checkpoints, drawn);
}

/** @param {any[]} found @param {{base: string[], sheets: string[]}} drawn */
function take(found, drawn) {
    checkpoints = found;
    columns = columnsOf(
        checkpoints.map((checkpoint) => checkpoint.previews),
        shots(drawn.base),
    );
    sheets = drawn.sheets.slice(0, SHEETS);
    draw();
    tell("checkpoints");
}

function draw() {
    const now = view(),
        place = find(".tt-checkpoints"),
        runs = runsIn(checkpoints);
    shown = arranged(checkpoints, now);
    const count =
        checkpoints.length === shown.length ? `${shown.length || ""}` : `${shown.length} / ${checkpoints.length}`;
    place.querySelector("h2 span").textContent = count;
    place.querySelector(".tt-head").hidden = !checkpoints.length;
    place.querySelector(".tt-judged-of").hidden = !checkpoints.length;
    fillChoice("run", [["", t("all runs")], ...runs.map((run) => [run, run])], runs.includes(now.run) ? now.run : "");
    fillChoice("sort", Object.keys(SORTS).map((name) => [name, t(SORTS[name])]), now.sort); // prettier-ignore
    const installs = !state.host || state.host.installs;
    followInstalled(checkpoints, installs);
    const rows = shown.map((row) => rowHtml(checkpoints[row], row, columns, installs)).join("");
    fillWith(find(".tt-rows"), sheetsHtml(sheets) + (rows || emptyHtml()));
    labelPreviews();
}

/** @param {"run" | "sort"} what @param {string[][]} options name and words @param {string} chosen */
function fillChoice(what, options, chosen) {
    const select = find(`[data-choice="${what}"]`);
    fillWith(select, options.map(([name, words]) => `<option value="${text(name)}">${text(words)}</option>`).join(""));
    select.value = chosen;
}

/** Buttons that make previews say how many pictures those are. */
export function labelPreviews() {
    const counted = t(state.previews === 1 ? "Preview all (1 picture)" : "Preview all ({} pictures)");
    const words = state.previews ? fill(counted, state.previews) : t("Preview all");
    for (const button of all('[data-act="preview-all"]')) if (button.textContent !== words) button.textContent = words;
}

const emptyHtml = () => `<div class="tt-empty" data-nothing>${text(nothingText())}</div>`;

document.addEventListener(
    "scroll",
    (event) => {
        if (!isOn(event, ".tt-strip")) return;
        const {scrollLeft} = /** @type {HTMLElement} */ (event.target);
        for (const strip of all(".tt-strip")) strip.scrollLeft = scrollLeft; // the same weight stays below itself
    },
    true,
);
