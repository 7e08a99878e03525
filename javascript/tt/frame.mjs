// @ts-check
// The crop frame on a picture: moved, resized and drawn anew by mouse, pen, touch and keys.
import {h} from "./dom.mjs";
import {drawn, heldTo, keyed, moved, resized, styleOf} from "./frame_math.mjs";
import {follow} from "./pointing.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./frame_math.mjs").Frame} Frame */
/** @typedef {import("./frame_math.mjs").Size} Size */

const GRIPS = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => ({x, y}))).filter(({x, y}) => x || y);
const STARTS = 4; // pixels of the screen that a pointer goes before a new frame is drawn

export class CropFrame {
    /** @param {Size} size of the picture @param {Frame} frame @param {number | null} ratio
     * @param {() => void} changed is called after each change */
    constructor(size, frame, ratio, changed) {
        this.size = size;
        this.ratio = ratio;
        this.changed = changed;
        this.isMoving = false;
        this.frame = heldTo(frame, size, ratio);
        this.label = h("output", {class: "tt-frame-size"});
        this.box = h(
            "div",
            {
                class: "tt-frame",
                tabindex: "0",
                role: "application",
                "aria-label": t("Crop frame: arrow keys move it, with Shift they resize it"),
                keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
            },
            GRIPS.map(({x, y}) => h("i", {"data-x": x, "data-y": y})),
            this.label,
        );
        this.element = h(
            "div",
            {class: "tt-frame-area", pointerdown: (/** @type {PointerEvent} */ event) => this.onDown(event)},
            this.box,
        );
        this.draw();
    }

    draw() {
        this.box.style.cssText = styleOf(this.frame, this.size);
        this.label.textContent = `${this.frame.w} × ${this.frame.h}`;
    }

    /** @param {Frame} frame */
    set(frame) {
        this.frame = frame;
        this.draw();
        this.changed();
    }

    /** @param {number | null} ratio width by height; null is free */
    hold(ratio) {
        this.ratio = ratio;
        this.set(heldTo(this.frame, this.size, ratio));
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const next = keyed(this.frame, event, this.size, this.ratio);
        if (!next) return;
        event.preventDefault();
        event.stopPropagation();
        this.set(next);
    }

    /** @param {PointerEvent} event */
    onDown(event) {
        if (event.button !== 0 || this.isMoving) return;
        this.isMoving = true;
        this.box.focus({preventScroll: true});
        const place = this.element.getBoundingClientRect(),
            scale = this.size.width / place.width, // pixels of the picture by those of the screen
            start = this.frame,
            from = [(event.clientX - place.left) * scale, (event.clientY - place.top) * scale],
            next = this.moving(/** @type {any} */ (event.target), start, from);
        follow(
            this.element,
            event,
            (now) =>
                this.set(next((now.clientX - event.clientX) * scale, (now.clientY - event.clientY) * scale, scale)),
            () => (this.isMoving = false),
        );
    }

    /** What a pointer's way makes of the frame: a side follows it, or the whole, or a new one is drawn beside it.
     * @param {HTMLElement} target @param {Frame} start @param {number[]} from
     * @returns {(dx: number, dy: number, scale: number) => Frame} */
    moving(target, start, from) {
        const {size} = this,
            {x, y} = target.dataset;
        if (x !== undefined) {
            const grip = /** @type {import("./frame_math.mjs").Grip} */ ({x: Number(x), y: Number(y)});
            return (dx, dy) => resized(start, grip, dx, dy, size, this.ratio);
        }
        if (this.box.contains(target)) return (dx, dy) => moved(start, dx, dy, size);
        return (dx, dy, scale) =>
            Math.hypot(dx, dy) < STARTS * scale
                ? this.frame
                : drawn(from, [from[0] + dx, from[1] + dy], size, this.ratio);
    }
}
