// @ts-check
// A checkpoint as a row: what it is, its pictures, what can be done with it.
import {checkpointUrl, previewUrl, thumbUrl} from "./api.mjs";
import {act} from "./dom.mjs";
import {size, text} from "./formats.mjs";
import {here} from "./state.mjs";
import {fill, listed, t} from "./words.mjs";

/** @typedef {import("./shots.mjs").Column} Column */

/** Epoch and step of a checkpoint. @param {any} checkpoint */
export const ageOf = ({epoch, step}) =>
    [epoch === null ? "" : fill(t("epoch {}"), epoch), step === null ? "" : fill(t("step {}"), step)]
        .filter(Boolean)
        .join("   ");

/** What a column's pictures have in common. @param {Column} column @param {Column[]} columns all of them */
export function shotWords({weight, seed, prompt, blocks}, columns) {
    const several = (/** @type {"seed" | "prompt"} */ what) => new Set(columns.map((column) => column[what])).size > 1;
    const words = [
        fill(t("weight {}"), weight),
        blocks ? fill(t("blocks {}"), blocks) : "",
        several("seed") ? fill(t("seed {}"), seed) : "",
        several("prompt") ? fill(t("prompt {}"), prompt) : "",
    ];
    return listed(words.filter(Boolean));
}

/**
 * @param {any} checkpoint
 * @param {number} row its place among all, newest first
 * @param {Column[]} columns
 * @param {boolean} installs whether there is a folder to install to
 */
export function rowHtml(checkpoint, row, columns, installs) {
    const {name, loss, bytes, installed, verdict, note} = checkpoint;
    const facts = [ageOf(checkpoint), loss === null ? "" : fill(t("loss {}"), loss.toFixed(4)), size(bytes)],
        star = verdict === "starred" ? `<i role="img" aria-label="${t("Star")}">★</i> ` : "";
    const none = `<span class="tt-fine">${t("No pictures of it yet: press Preview.")}</span>`;
    const strip = columns.some((column) => column.paths[row])
        ? columns.map((column, i) => cellHtml(column, columns, row, i)).join("")
        : none;
    return (
        `<div class="tt-row" data-name="${text(name)}" data-verdict="${text(verdict)}">` +
        `<div class="tt-about">${star}<b translate="no">${text(name)}</b><span class="tt-fine">${facts.filter(Boolean).join("   ")}</span>` +
        (note ? `<span class="tt-fine" translate="no">${text(note)}</span>` : "") +
        "</div>" +
        `<div class="tt-strip">${strip}</div><div class="tt-acts">${act("preview", "Preview")}` +
        (installs ? act("install", installed ? "✓ Installed" : "Install to Lora") : "") +
        act("go-on-from", "Train on from it") +
        `<a class="tt-button" href="${checkpointUrl(here(), name)}">${t("Download")}</a>${act("delete", "Delete")}</div></div>`
    );
}

/** @param {Column} column @param {Column[]} columns @param {number} row @param {number} i */
function cellHtml(column, columns, row, i) {
    const path = column.paths[row],
        says = shotWords(column, columns);
    if (!path) return "<span></span>";
    return (
        `<a href="${previewUrl(path)}" data-row="${row}" data-column="${i}" title="${says}">` +
        `<img loading="lazy" alt="${says}" src="${thumbUrl(path)}"><i>${column.blocks || column.weight}</i></a>`
    );
}

/** Comparison sheets, newest first. @param {string[]} sheets */
export function sheetsHtml(sheets) {
    const links = sheets.map(
        (path, i) =>
            `<a href="${previewUrl(path)}" data-row="${i}" data-column="-1"><img class="tt-sheet" loading="lazy" ` +
            `alt="${fill(t("Comparison sheet {}"), i + 1)}" src="${thumbUrl(path)}"></a>`,
    );
    return links.length ? `<div class="tt-sheets">${links.join("")}</div>` : "";
}
