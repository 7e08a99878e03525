// @ts-check
// A strip of small pictures, one a checkpoint, which runs below a mark. Only those in sight are on the page.
import {thumbUrl} from "./api.mjs";
import {h} from "./dom.mjs";

const MORE = 3, // pictures beyond each edge of what is in sight
    SLIP = 5; // px below which a press is no drag

/** How far the strip is shifted, so that a place is in sight, in its middle where there is more on both sides.
 * @param {number} at @param {number} count @param {number} step px of one picture @param {number} width px in sight */
export function shiftFor(at, count, step, width) {
    const most = Math.max(0, count * step - width);
    return Math.min(most, Math.max(0, at * step - (width - step) / 2));
}

/** Which pictures are on the page: the first, and the one behind the last. @param {number} shift @param {number} count
 * @param {number} step @param {number} width @returns {[number, number]} */
export function windowAt(shift, count, step, width) {
    const first = Math.floor(shift / step) - MORE,
        last = first + Math.ceil(width / step) + 2 * MORE + 1;
    return [Math.max(0, first), Math.min(count, last)];
}

/** @typedef {{path: string, label: string, verdict: string}} Shot */

export class Film {
    /** @type {Shot[]} */
    shots = [];
    /** @type {any[]} elements that pictures take in turn, so that none is made while somebody drags */
    places = [];
    at = 0;
    width = 0;
    step = 100;
    isSeen = true;

    /** @param {(at: number, ends: boolean) => void} moved called with a place that somebody points at */
    constructor(moved) {
        this.track = h("div", {class: "tt-film-track"});
        this.mark = h("i", {class: "tt-film-mark"});
        this.element = h("div", {class: "tt-film", "aria-hidden": "true", pointerdown: press}, this.track);
        this.track.append(this.mark);
        const film = this;
        /** @param {PointerEvent} event */
        function press(event) {
            if (event.button === 0) dragged(film, event, moved);
        }
    }

    /** @param {Shot[]} shots */
    fill(shots) {
        this.shots = shots;
        this.measure();
    }

    /** Ask how much room there is. */
    measure() {
        this.width = this.element.clientWidth;
        this.step = parseFloat(getComputedStyle(this.element).getPropertyValue("--tt-shot")) || this.step;
        const count = Math.min(this.shots.length, Math.ceil(this.width / this.step) + 2 * MORE + 1);
        if (count !== this.places.length) {
            this.places = Array.from({length: count}, shotElement);
            this.track.replaceChildren(this.mark, ...this.places);
        }
        for (const place of this.places) place.number = -1;
        this.show(this.at);
    }

    get shift() {
        return shiftFor(this.at, this.shots.length, this.step, this.width);
    }

    /** @param {number} at */
    show(at) {
        this.at = at;
        if (!this.isSeen || !this.width) return;
        const {shift, step} = this;
        this.track.style.transform = `translateX(${-shift}px)`;
        this.mark.style.transform = `translateX(${at * step}px)`;
        const [first, last] = windowAt(shift, this.shots.length, step, this.width);
        for (let number = first; number < last; number++) {
            const place = this.places[number % this.places.length];
            if (place.number !== number) put(place, number, this.shots[number], step);
        }
    }
}

const shotElement = () =>
    h("div", {class: "tt-shot"}, h("img", {alt: "", decoding: "async", draggable: "false"}), h("small"));

/** @param {any} place @param {number} number @param {Shot} shot @param {number} step px */
function put(place, number, {path, label, verdict}, step) {
    const [image, words] = place.children;
    place.number = number;
    place.style.transform = `translateX(${number * step}px)`;
    place.dataset.verdict = verdict;
    place.toggleAttribute("data-none", !path);
    words.textContent = label;
    if (path) image.src = thumbUrl(path);
    else image.removeAttribute("src");
}

/** A press leads to a picture, a drag through all of them. @param {Film} film @param {PointerEvent} event
 * @param {(at: number, ends: boolean) => void} moved */
function dragged(film, event, moved) {
    const {left} = film.element.getBoundingClientRect(),
        start = event.clientX,
        from = film.at;
    const placeOf = (/** @type {PointerEvent} */ now) => from - (now.clientX - start) / film.step;
    let drags = false;
    const onMove = (/** @type {PointerEvent} */ now) => {
        drags ||= Math.abs(now.clientX - start) > SLIP;
        if (drags) moved(placeOf(now), false);
    };
    const onUp = (/** @type {PointerEvent} */ now) => {
        film.element.removeEventListener("pointermove", onMove);
        const pressed = Math.floor((start - left + film.shift) / film.step);
        moved(drags ? Math.round(placeOf(now)) : pressed, true);
    };
    film.element.setPointerCapture(event.pointerId);
    film.element.addEventListener("pointermove", onMove);
    film.element.addEventListener("pointerup", onUp, {once: true});
    film.element.addEventListener("pointercancel", () => film.element.removeEventListener("pointermove", onMove), {once: true}); // prettier-ignore
}
