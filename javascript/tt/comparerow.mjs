// @ts-check
// A prompt on the page Compare: its picture at the checkpoint in sight, and the strip of all checkpoints beside it.
import {slideTo} from "./compareslider.mjs";
import {now, see} from "./comparestate.mjs";
import {zoomed} from "./compareview.mjs";
import {pans, wheels} from "./comparezoom.mjs";
import {h} from "./dom.mjs";
import {Fader} from "./fader.mjs";
import {Film} from "./film.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {import("./compared.mjs").Column} Column */
/** @typedef {{column: Column, found: import("./compared.mjs").Found, element: any, frame: any, divider: any, fader: Fader, film: Film, width: number,
 * isSeen: boolean}} Row the column and the answer that it is of, which is known earlier than it is drawn; ``width`` of the frame, in px */

const DIVIDE = 0.02; // share of the width by which a key moves the divider

/** @param {Column} column @param {number} place @returns {Row} */
export function rowFor(column, place) {
    const {width, height, prompt} = column.request;
    const inner = h("div", {class: "tt-cmp-inner"}),
        divider = dividerElement(),
        frame = h(
            "div",
            {class: "tt-cmp-frame"},
            inner,
            h("span", {class: "tt-cmp-none", hidden: true}, t("No picture")),
            h("b", {class: "tt-cmp-a", "aria-hidden": "true"}, "A"),
            h("b", {class: "tt-cmp-b", "aria-hidden": "true"}, "B"),
            divider,
        );
    const says = fill(t("prompt {}"), place + 1),
        press = {class: "tt-tool", type: "button", "aria-label": says, click: () => choose(place)},
        caption = h("figcaption", {}, h("button", press, `${place + 1}`), h("span", {translate: "no"}, prompt));
    const film = new Film(slideTo),
        element = h(
            "section",
            {class: "tt-cmp-row", style: `--ratio:${width / height}`, "aria-label": says},
            h("figure", {}, frame, caption),
            film.element,
        );
    pans(frame);
    wheels(frame);
    return {column, found: now.found, element, frame, divider, fader: new Fader(inner), film, width: 0, isSeen: true};
}

const dividerElement = () =>
    h("div", {
        class: "tt-divider",
        role: "slider",
        tabindex: "0",
        "aria-label": t("Divider between A and B"),
        "aria-valuemin": "0",
        "aria-valuemax": "100",
        "aria-valuenow": "50",
        keydown: moveDivider,
    });

/** One prompt alone, or all again. @param {number} place */
function choose(place) {
    const {view, extent} = now;
    if (extent.prompts > 1) see(zoomed({...view, prompt: view.prompt === place ? null : place}, 1));
}

/** @param {KeyboardEvent} event */
function moveDivider(event) {
    const by = {ArrowLeft: -DIVIDE, ArrowRight: DIVIDE, Home: -1, End: 1}[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    see({...now.view, divide: Math.min(1, Math.max(0, now.view.divide + by))});
}
