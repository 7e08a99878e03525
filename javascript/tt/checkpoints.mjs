// @ts-check
// Checkpoints: a row of pictures each.
import * as api from "./api.mjs";
import {act, all, fillWith, find, isOn} from "./dom.mjs";
import {size, text} from "./formats.mjs";
import {columnsOf, shots} from "./shots.mjs";
import {here, state} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

const SHEETS = 6;
const SHEET_OF = "A sheet of all checkpoints with the settings under Saving and previews";
/** @type {any[]} newest first */
let checkpoints = [];
/** @type {import("./shots.mjs").Column[]} */
let columns = [];
/** @type {string[]} */
let sheets = [];
let followed = ""; // of which version, and after how many changes

export const listed = () => checkpoints;
/** @param {number} column */
export const columnAt = (column) => columns[column];
/** @param {number} row @param {number} column -1 is that of the sheets @returns {string | undefined} */
export const pathAt = (row, column) => (column < 0 ? sheets[row] : (columns[column] || {paths: []}).paths[row]);
export const extent = () => ({rows: Math.max(checkpoints.length, sheets.length), columns: columns.length});

/** Ask again where something has changed on the disk, or another version is chosen. @param {number} changes */
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
    if (!place || !state.project || !state.version) return;
    const [found, shown] = await Promise.all([api.checkpoints(here()), api.previews(here())]);
    const error = found.error || shown.error;
    if (error) {
        place.innerHTML = `<div class="tt-empty">${text(sentence(error, "message"))}</div>`;
        return;
    }
    checkpoints = found.checkpoints;
    columns = columnsOf(
        checkpoints.map((checkpoint) => checkpoint.previews),
        shots(shown.base),
    );
    sheets = shown.sheets.slice(0, SHEETS);
    fillWith(place, headHtml() + sheetsHtml() + (checkpoints.map(rowHtml).join("") || emptyHtml()));
    labelPreviews();
}

/** Buttons that make previews say how many pictures those are. */
export function labelPreviews() {
    const pictures = state.previews ? ` (${fill(t("{} pictures"), state.previews)})` : "";
    for (const button of all('[data-act="preview-all"]')) button.textContent = t("Preview all") + pictures;
}

function headHtml() {
    const count = checkpoints.length ? ` <span class="tt-fine">${checkpoints.length}</span>` : "";
    const button = checkpoints.length ? act("preview-all", "Preview all", SHEET_OF) : "";
    return `<div class="tt-head"><h3>${t("Checkpoints")}${count}</h3><span>${button}</span></div>`;
}

function sheetsHtml() {
    const links = sheets.map(
        (path, i) =>
            `<a href="${api.previewUrl(path)}" data-row="${i}" data-column="-1"><img class="tt-sheet" loading="lazy" ` +
            `alt="${t("Comparison sheet")} ${i + 1}" src="${api.thumbUrl(path)}"></a>`,
    );
    return links.length ? `<div class="tt-sheets">${links.join("")}</div>` : "";
}

const emptyHtml = () =>
    `<div class="tt-empty">${t("No checkpoints yet. Add pictures and press Train: each save appears here.")}</div>`;

/** Epoch and step of a checkpoint. @param {any} checkpoint */
export function ageOf({epoch, step}) {
    return [epoch === null ? "" : `${t("epoch")} ${epoch}`, step === null ? "" : `${t("step")} ${step}`]
        .filter(Boolean)
        .join("   ");
}

/** @param {"seed" | "prompt"} what */
const several = (what) => new Set(columns.map((column) => column[what])).size > 1;

/** What a column's pictures have in common. @param {import("./shots.mjs").Column} column */
export const shotText = ({weight, seed, prompt}) =>
    [
        `${t("weight")} ${weight}`,
        several("seed") ? `${t("seed")} ${seed}` : "",
        several("prompt") ? `${t("prompt")} ${prompt}` : "",
    ]
        .filter(Boolean)
        .join(", ");

/** @param {any} c @param {number} row */
function rowHtml(c, row) {
    const loss = c.loss === null ? "" : `${t("loss")} ${c.loss.toFixed(4)}`,
        facts = [ageOf(c), loss, size(c.bytes)].filter(Boolean).join("   ");
    const none = `<span class="tt-fine">${t("No pictures of it yet: press Preview.")}</span>`;
    const strip = columns.some((column) => column.paths[row])
        ? columns.map((column, i) => cellHtml(column, row, i)).join("")
        : none;
    const download = api.checkpointUrl(here(), c.name);
    return (
        `<div class="tt-row" data-name="${text(c.name)}">` +
        `<div class="tt-about"><b>${text(c.name)}</b><span class="tt-fine">${facts}</span></div>` +
        `<div class="tt-strip">${strip}</div><div class="tt-acts">${act("preview", "Preview")}` +
        act("install", c.installed ? "✓ Installed" : "Install to Lora") +
        `<a class="tt-button" href="${download}">${t("Download")}</a>${act("delete", "Delete")}</div></div>`
    );
}

/** @param {import("./shots.mjs").Column} column @param {number} row @param {number} i */
function cellHtml(column, row, i) {
    const path = column.paths[row],
        says = shotText(column);
    if (!path) return "<span></span>";
    return (
        `<a href="${api.previewUrl(path)}" data-row="${row}" data-column="${i}" title="${says}">` +
        `<img loading="lazy" alt="${says}" src="${api.thumbUrl(path)}"><i>${column.weight}</i></a>`
    );
}

document.addEventListener(
    "scroll",
    (event) => {
        if (!isOn(event, ".tt-strip")) return;
        const {scrollLeft} = /** @type {HTMLElement} */ (event.target);
        for (const strip of all(".tt-strip")) strip.scrollLeft = scrollLeft; // the same weight stays below itself
    },
    true,
);
