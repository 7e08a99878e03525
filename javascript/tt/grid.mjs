// @ts-check
// The grid of pictures: draws those in sight.
import {learn, wrongWithOne} from "./badges.mjs";
import {drawer} from "./caption.mjs";
import {find, h} from "./dom.mjs";
import {showTiles, tileHtml, tileOf} from "./gallery.mjs";
import {complete, listing, pictureAt} from "./listing.mjs";
import {nothing, still} from "./picking.mjs";
import {here, on, samePlace} from "./state.mjs";
import {gridOf, seenIn} from "./virtual.mjs";
import {t} from "./words.mjs";

/** Pixels of a tile's side, of its thumbnail, and lines of its caption. */
export const SIZES = [
    {side: 92, thumb: 128, lines: 1},
    {side: 124, thumb: 256, lines: 1},
    {side: 216, thumb: 512, lines: 2},
];
const LINE = 16,
    GAP = 8,
    LATER_MS = 100,
    ALL = 200; // so few are all drawn: the browser finds in them, and scrolls without us

/** @type {{picked: import("./picking.mjs").Picked, held: number | null, calls: boolean}} what is selected; the tile that
 * Tab comes to, and whether the keys go there as soon as it is drawn */
export const marks = {picked: nothing(), held: null, calls: false};
let size = SIZES[1],
    waiting = 0,
    later = 0;
const resized = new ResizeObserver(() => draw());

/** @returns {any} */
export function gridElement() {
    const grid = h(
        "div",
        {class: "tt-tiles", role: "group", "aria-label": t("Pictures"), scroll: drawSoon},
        h("div", {class: "tt-canvas"}, h("div", {class: "tt-window"})),
    );
    resized.observe(grid);
    return grid;
}

/** @param {number} number of SIZES */
export function resize(number) {
    size = SIZES[number] || SIZES[1];
    draw();
}

export const box = () => find(".tt-gallery .tt-tiles");
const tile = () => ({width: size.side, height: size.side + LINE * size.lines + 4, gap: GAP});

/** Places that are drawn, and the grid they stand in. */
export function range() {
    const total = listing.ids.length,
        grid = gridOf(total, Math.max(0, box().clientWidth - 2 * GAP), tile()),
        seen = seenIn(grid, total, box().scrollTop, box().clientHeight || 600, 3);
    return {grid, seen: total <= ALL ? /** @type {[number, number]} */ ([0, total]) : seen};
}

/** Show what is known; what is not known of it is asked for. Pictures of another version stay until this one's come. */
export function draw() {
    const place = box();
    if (!place || !place.clientWidth || !samePlace(listing.of, here())) return;
    marks.picked = still(marks.picked, listing.ids);
    if (marks.held === null || !listing.ids.includes(marks.held)) marks.held = listing.ids[0] ?? null;
    const {grid, seen} = range(),
        canvas = place.firstElementChild;
    canvas.style.height = `${grid.height}px`;
    place.style.setProperty("--tt-lines", `${size.lines}`);
    const shown = canvas.firstElementChild;
    shown.style.cssText =
        `top: ${(seen[0] / grid.columns) * grid.step}px; grid-template-columns: repeat(${grid.columns}, minmax(0, 1fr)); ` +
        `grid-auto-rows: ${grid.step - GAP}px; gap: ${GAP}px`;
    showTiles(
        shown,
        listing.ids
            .slice(...seen)
            .map((id, i) => ({key: `${id}`, html: tileHtml(pictureAt(seen[0] + i), size.thumb, wrongWithOne(id))})),
    );
    mark(shown);
    complete(seen).then((more) => more && draw());
    learnSoon(listing.ids.slice(...seen));
}

/** Have what is wrong with pictures shown too, when nobody scrolls any more. @param {number[]} ids */
function learnSoon(ids) {
    clearTimeout(later);
    later = window.setTimeout(() => learn(ids).then((more) => more && draw()), LATER_MS);
}
on("examined", draw);

/** Which tiles are selected, which is shown large, and which the Tab key comes to. @param {any} shown */
function mark(shown) {
    for (const check of shown.querySelectorAll(".tt-select"))
        check.checked = marks.picked.ids.has(Number(check.dataset.select));
    for (const button of shown.querySelectorAll(".tt-pick")) {
        const id = Number(button.dataset.picture);
        button.tabIndex = id === marks.held ? 0 : -1;
        if (drawer.open && drawer.open.id === id) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
    }
    const called = marks.calls && marks.held !== null && tileOf(marks.held);
    if (called) {
        marks.calls = false;
        called.focus({preventScroll: true});
        called.scrollIntoView({block: "nearest"}); // of the page too: the grid may lie below the window
    }
}

function drawSoon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
}

/** Bring a tile into sight, and the keys to it. @param {number} place */
export function hold(place) {
    marks.held = listing.ids[place];
    const {grid} = range(),
        top = Math.floor(place / grid.columns) * grid.step,
        view = box();
    if (top < view.scrollTop) view.scrollTop = top;
    else if (top + grid.step > view.scrollTop + view.clientHeight) view.scrollTop = top + grid.step - view.clientHeight;
    marks.calls = true;
    draw();
}
