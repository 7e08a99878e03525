// @ts-check
// The slider over checkpoints: between two of them their pictures fade into each other; where it is left, one of them stays.
import {checkpointAt, draws, now, see} from "./comparestate.mjs";
import {movedTo} from "./compareview.mjs";
import {find, h} from "./dom.mjs";
import {ageOf} from "./rows.mjs";
import {t} from "./words.mjs";

const GLIDE_MS = 160;
let gliding = 0,
    /** @type {number | null} where a glide leads */
    aim = null;

/** @param {number} at @param {boolean} ends whether it was let go there */
export function slideTo(at, ends) {
    cancelAnimationFrame(gliding);
    aim = null;
    if (!ends) return see(movedTo(now.view, now.extent, at));
    const to = Math.min(now.extent.checkpoints.length - 1, Math.max(0, Math.round(at))),
        from = now.view.at,
        isFar = Math.abs(to - from) > 1.5 || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isFar) return see(movedTo(now.view, now.extent, to));
    aim = to;
    const begun = performance.now();
    const glide = (/** @type {number} */ time) => {
        const part = Math.min(1, Math.max(0, (time - begun) / GLIDE_MS));
        see(movedTo(now.view, now.extent, part === 1 ? to : from + (to - from) * part));
        if (part < 1) gliding = requestAnimationFrame(glide);
        else aim = null;
    };
    gliding = requestAnimationFrame(glide);
}

/** To a neighbour. @param {number} by */
export const stepBy = (by) => slideTo((aim ?? Math.round(now.view.at)) + by, true);

export const sliderElement = () =>
    h(
        "div",
        {class: "tt-cmp-slider"},
        stepElement("‹", "Earlier checkpoint", -1),
        h("input", {
            type: "range",
            min: "0",
            step: "any",
            "aria-label": t("Checkpoint"),
            input: (/** @type {any} */ event) => slideTo(Number(event.target.value), false),
            change: (/** @type {any} */ event) => slideTo(Number(event.target.value), true),
        }),
        stepElement("›", "Later checkpoint", 1),
    );

/** @param {string} sign @param {string} name @param {number} by */
const stepElement = (sign, name, by) =>
    h("button", {class: "tt-tool", type: "button", "aria-label": t(name), click: () => stepBy(by)}, sign); // prettier-ignore

draws("frame", () => {
    const range = find(".tt-cmp-slider input"),
        {extent, view} = now;
    range.max = String(Math.max(0, extent.checkpoints.length - 1));
    if (Number(range.value) !== view.at) range.value = String(view.at);
    const checkpoint = checkpointAt(),
        says = checkpoint ? ageOf(checkpoint) || checkpoint.name : "";
    if (range.getAttribute("aria-valuetext") !== says) range.setAttribute("aria-valuetext", says);
});
