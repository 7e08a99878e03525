// @ts-check
// The pictures of the page Compare: a row a prompt, all at the same checkpoint, weight, wipe and zoom.
import {BASE, cellOf, fadeAt, labelsOf, pathOf} from "./compared.mjs";
import {rowFor} from "./comparerow.mjs";
import {draws, now} from "./comparestate.mjs";
import {pointed} from "./compareview.mjs";
import {find, h} from "./dom.mjs";

/** @typedef {import("./comparerow.mjs").Row} Row */
/** @typedef {import("./compareview.mjs").Side} Side */

const SETTLED_MS = 140, // without a change, after which pictures are loaded as large as they are shown
    BLOCKS = 2; // pixels of the screen a pixel of the picture takes from where on it is drawn with hard edges
/** @type {Row[]} */
let rows = [];
let settling = 0;

export const stageElement = () => h("div", {class: "tt-cmp-rows"});

/** @param {Element} element */
const rowOf = (element) => rows.find((row) => row.element === element);
const sizes = new ResizeObserver((entries) => {
    for (const row of rows) row.width = row.frame.clientWidth;
    for (const {target} of entries) rowOf(target)?.film.measure();
    paint();
});
const sight = new IntersectionObserver((entries) => {
    for (const {target, isIntersecting} of entries) {
        const row = rowOf(target);
        if (row) row.isSeen = row.film.isSeen = isIntersecting;
    }
    paint();
});

draws("parts", () => {
    const box = find(".tt-cmp-rows"),
        ids = now.columns.map(({id}) => id).join();
    if (ids !== rows.map(({column}) => column.id).join()) {
        for (const {element} of rows) for (const one of [sizes, sight]) one.unobserve(element);
        rows = now.columns.map(rowFor);
        box.replaceChildren(...rows.map(({element}) => element));
        for (const {element} of rows) for (const one of [sizes, sight]) one.observe(element);
    }
    const {prompt, wipes} = now.view;
    box.toggleAttribute("data-large", prompt !== null);
    box.toggleAttribute("data-wipes", wipes);
    rows.forEach((row, place) => {
        Object.assign(row, {column: now.columns[place], found: now.found});
        row.element.hidden = prompt !== null && prompt !== place;
        const number = row.element.querySelector("button");
        number.setAttribute("aria-pressed", String(prompt === place));
        number.hidden = rows.length < 2;
        row.film.fill(shotsOf(row.column));
        row.width = row.frame.clientWidth;
    });
});
draws("frame", paint);

/** @param {import("./compared.mjs").Column} column */
function shotsOf(column) {
    const {checkpoints} = now.extent,
        labels = labelsOf(checkpoints.map((number) => now.found.checkpoints[number]));
    return checkpoints.map((number, place) => ({
        path: pathOf(now.found, cellOf(column, number, now.view.variant)),
        label: labels[place],
        verdict: now.found.checkpoints[number].verdict,
    }));
}

/** @param {Row} row @param {Side} side */
const pathOfSide = ({column, found}, {checkpoint, variant}) =>
    pathOf(found, cellOf(column, checkpoint, checkpoint === BASE ? BASE : variant));

/** @param {Row} row @param {number} place among the checkpoints that are shown */
const pathOfPlace = (row, place) =>
    pathOfSide(row, {checkpoint: now.extent.checkpoints[place] ?? BASE, variant: now.view.variant});

/** @param {Row} row @returns {import("./fader.mjs").Wanted} */
function wantedOf(row) {
    const {view, extent} = now,
        {a, b} = view.sides,
        here = pointed(view, extent);
    if (view.wipes)
        return {lower: pathOfSide(row, a || here), upper: pathOfSide(row, b || here), part: 1, divide: view.divide};
    const {lower, upper, part} = fadeAt(view.at, extent.checkpoints.length);
    return {lower: pathOfPlace(row, lower), upper: pathOfPlace(row, upper), part, divide: null};
}

function paint() {
    const box = find(".tt-cmp-rows"),
        {view} = now,
        first = rows.find(({element, width}) => !element.hidden && width);
    if (!box || !first) return;
    now.real = first.column.request.width / (first.width * devicePixelRatio);
    const ratio = view.zoom / now.real;
    box.toggleAttribute("data-blocks", ratio > (view.zoom > 1 ? 1 : BLOCKS));
    box.toggleAttribute("data-zoomed", view.zoom > 1);
    arrange(box, view);
    for (const row of rows) if (row.isSeen && !row.element.hidden) paintRow(row);
    clearTimeout(settling);
    settling = window.setTimeout(settled, SETTLED_MS);
}

/** Zoom, shift and divider of all pictures, where they have changed: everything below is styled anew then.
 * @param {HTMLElement} box @param {import("./compareview.mjs").View} view */
function arrange({style}, {zoom, x, y, divide}) {
    for (const [name, value] of Object.entries({"--zoom": zoom, "--x": x, "--y": y, "--divide": divide}))
        if (style.getPropertyValue(name) !== `${value}`) style.setProperty(name, `${value}`);
}

/** @param {Row} row */
function paintRow(row) {
    const wanted = wantedOf(row);
    row.fader.paint(wanted);
    row.film.show(now.view.at);
    row.frame.querySelector(".tt-cmp-none").hidden = Boolean(wanted.lower);
    row.divider.setAttribute("aria-valuenow", String(Math.round(100 * now.view.divide)));
}

/** Pictures in sight as large as they are shown, their neighbours before they are needed. */
function settled() {
    const at = Math.round(now.view.at),
        near = now.view.wipes
            ? []
            : [at - 1, at + 1].filter((place) => place >= 0 && place < now.extent.checkpoints.length);
    for (const row of rows) {
        if (!row.isSeen || row.element.hidden) continue;
        const {lower, upper} = wantedOf(row),
            side = row.width * devicePixelRatio * now.view.zoom;
        row.fader.expect([at - 2, at + 2].map((place) => pathOfPlace(row, place)));
        row.fader.sharpen([...near.map((place) => pathOfPlace(row, place)), upper, lower], side);
    }
}
