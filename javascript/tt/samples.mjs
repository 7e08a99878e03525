// @ts-check
// The newest pictures of the newest run, as a strip.
import {columnAt, extent, listed, pathAt, shotText} from "./checkpoints.mjs";
import {previewUrl, thumbUrl} from "./api.mjs";
import {fillWith, find} from "./dom.mjs";
import {text} from "./formats.mjs";
import {ageOf} from "./rows.mjs";
import {state} from "./state.mjs";

const MOST = 6;
/** @typedef {import("./shots.mjs").Column} Column */

/**
 * Where the newest pictures stand: newest checkpoint first, each prompt and seed at its largest weight.
 * @param {{run: string}[]} checkpoints newest first
 * @param {Column[]} columns
 * @param {string} run
 * @param {number} most
 * @returns {[number, number][]} row and column
 */
export function newestShots(checkpoints, columns, run, most = MOST) {
    const last = columns.map(
        ({prompt, seed, weight}) =>
            !columns.some((one) => one.prompt === prompt && one.seed === seed && one.weight > weight),
    );
    const found = checkpoints.flatMap((checkpoint, row) =>
        checkpoint.run === run
            ? columns.flatMap(({paths}, column) => (last[column] && paths[row] ? [[row, column]] : []))
            : [],
    );
    return /** @type {[number, number][]} */ (found.slice(0, most));
}

export function showSamples() {
    const box = find(".tt-samples"),
        run = state.status && state.status.runs[0];
    const columns = Array.from({length: extent().columns}, (_, i) => columnAt(i)),
        shots = run ? newestShots(listed(), columns, run.name) : [];
    box.hidden = !shots.length;
    fillWith(box, shots.map(shotHtml).join(""));
}

/** @param {[number, number]} place */
function shotHtml([row, column]) {
    const path = pathAt(row, column) || "",
        {step} = listed()[row],
        says = text([ageOf(listed()[row]), shotText(columnAt(column))].join(", "));
    return (
        `<a href="${previewUrl(path)}" data-row="${row}" data-column="${column}" title="${says}">` +
        `<img alt="${says}" src="${thumbUrl(path)}">${step === null ? "" : `<i>${step}</i>`}</a>`
    );
}
