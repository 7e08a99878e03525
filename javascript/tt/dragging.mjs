// @ts-check
// Chips are moved by a pointer: a mouse, a pen or a finger.
import {placeAt} from "./chips.mjs";

const FAR = 5; // pixels from which on it is no click

/** What is dragged in one list. */
class Dragging {
    /** @param {any} list @param {(from: number, to: number) => void} dropped */
    constructor(list, dropped) {
        this.list = list;
        this.dropped = dropped;
        /** @type {any} */
        this.chip = null;
        this.start = {x: 0, y: 0};
        /** @type {number | null} before which of the children it would be let go */
        this.to = null;
        list.addEventListener("pointerdown", (/** @type {any} */ event) => this.take(event));
        list.addEventListener("pointermove", (/** @type {any} */ event) => this.move(event));
        list.addEventListener("pointerup", () => this.drop());
        list.addEventListener("pointercancel", () => this.end());
    }

    /** @param {any} event */
    take({target, button, clientX: x, clientY: y}) {
        const chip = target.closest("[data-chip]");
        if (chip && button === 0) [this.chip, this.start] = [chip.parentElement, {x, y}];
    }

    /** @param {any} event */
    move({pointerId, clientX: x, clientY: y}) {
        if (!this.chip || (this.to === null && Math.hypot(x - this.start.x, y - this.start.y) < FAR)) return;
        if (this.to === null) {
            this.list.setPointerCapture(pointerId);
            this.chip.classList.add("tt-held");
        }
        this.to = placeAt(
            [...this.list.children].map((chip) => chip.getBoundingClientRect()),
            x,
            y,
        );
        this.mark(this.to);
    }

    drop() {
        const [from, to] = [[...this.list.children].indexOf(this.chip), this.to];
        this.end();
        if (to !== null) this.dropped(from, to);
    }

    end() {
        this.chip?.classList.remove("tt-held");
        [this.chip, this.to] = [null, null];
        this.mark(-1);
    }

    /** @param {number} to */
    mark(to) {
        const last = this.list.children.length - 1;
        for (const [at, chip] of [...this.list.children].entries()) {
            chip.classList.toggle("tt-before", at === to);
            chip.classList.toggle("tt-after", to > last && at === last);
        }
    }
}

/** Let children of a list be moved. @param {any} list @param {(from: number, to: number) => void} dropped which of them
 * before which */
export const movable = (list, dropped) => void new Dragging(list, dropped);
