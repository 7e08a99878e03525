// @ts-check
// The legend of the chart: a button for each line, with its number.
import {fillWith} from "./dom.mjs";
import {text} from "./formats.mjs";
import {figure} from "./lines.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./lines.mjs").Line} Line */

const KEPT = "train_tools_chart";
const off = new Set(remembered());

function remembered() {
    try {
        return JSON.parse(localStorage.getItem(KEPT) || "[]");
    } catch {
        return []; // a private window keeps nothing
    }
}

/** Lines that nobody sees before they are switched on. @param {string} name */
const usuallyOff = (name) => name.startsWith("val_on ");

/** Whether a line is switched off. @param {string} name */
export const isOff = (name) => off.has(name) !== usuallyOff(name);

/** Switches a line on or off, for the next visits too; kept are those that are not as usual. @param {string} name */
export function toggle(name) {
    if (!off.delete(name)) off.add(name);
    try {
        localStorage.setItem(KEPT, JSON.stringify([...off]));
    } catch {
        // as above
    }
}

/** @param {any} box @param {Line[]} lines */
export function showLegend(box, lines) {
    fillWith(box, lines.map(buttonOf).join(""));
    for (const button of box.children) button.setAttribute("aria-pressed", String(!isOff(button.dataset.line)));
}

/** @param {Line} line */
function buttonOf({name, label, colour, faint, dash}) {
    const looks = `${faint ? "tt-faint" : ""} ${dash.length ? "tt-dashed" : ""}`;
    return `<button type="button" class="tt-line ${looks}" data-line="${text(name)}" style="--tt-series: var(${colour})"
        title="${t("Show or hide this line")}"><i></i>${text(label)} <b></b></button>`;
}

/**
 * Writes the number of each line into the legend.
 * @param {any} box
 * @param {Line[]} lines
 * @param {(number | null)[]} values
 */
export function showFigures(box, lines, values) {
    lines.forEach(({scale}, i) => {
        const place = box.children[i].querySelector("b"),
            words = figure(scale, values[i]);
        if (place.textContent !== words) place.textContent = words;
    });
}

/** The numbers of the visible lines as a sentence. @param {Line[]} lines @param {(number | null)[]} values */
export const spoken = (lines, values) =>
    lines
        .map(({name, label, scale}, i) =>
            isOff(name) || values[i] === null ? "" : `${label} ${figure(scale, values[i])}`,
        )
        .filter(Boolean)
        .join(", ");
