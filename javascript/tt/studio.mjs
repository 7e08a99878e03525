// @ts-check
// One picture as large as the window, with what is done to it by hand; the pictures beside it are a key away.
import {picture} from "./api.mjs";
import {find, h} from "./dom.mjs";
import {doneElement, sayDone} from "./done.mjs";
import {thumbOf} from "./gallery.mjs";
import {here} from "./state.mjs";
import {fill, t} from "./words.mjs";

const SHARP = 2048, // pixels of the longer side
    STEP = 1.25,
    NEAREST = 16;

/**
 * What is done to one picture.
 * @typedef {object} Act
 * @property {any} over lies over the picture
 * @property {any[]} side stands beside it
 * @property {any} starts has the keys at first
 * @property {(event: KeyboardEvent) => boolean} [onKey] whether it took a key
 * @property {() => Promise<boolean>} [leaves] whether another picture may come now
 */

export class Studio {
    /** @param {string} name @param {string} title @param {(picture: any, studio: Studio) => Act} act */
    constructor(name, title, act) {
        this.title = title;
        this.act = act;
        this.of = here();
        /** @type {number[]} */
        this.ids = [];
        this.at = 0;
        /** @type {Act | null} */
        this.now = null;
        this.done = doneElement();
        this.heading = h("h2", {id: `tt-studio-${name}`});
        this.place = h("span", {class: "tt-fine", "aria-live": "polite"});
        this.stage = h("div", {class: "tt-stage", wheel: (/** @type {WheelEvent} */ event) => this.onWheel(event)});
        this.zoom = 1;
        this.side = h("div", {class: "tt-studio-side"});
        this.box = h(
            "dialog",
            {class: `tt-dialog tt-studio tt-${name}`, "aria-labelledby": this.heading.id, keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event)}, // prettier-ignore
            h("div", {class: "tt-studio-head"}, this.heading, this.place, this.buttons()),
            h("div", {class: "tt-studio-body"}, this.stage, h("div", {class: "tt-studio-tools"}, this.side, this.done)),
        );
        this.box.addEventListener("cancel", (/** @type {Event} */ event) => {
            event.preventDefault();
            this.close();
        });
    }

    buttons() {
        const button = (/** @type {string} */ sign, /** @type {string} */ words, /** @type {() => void} */ does) =>
            h("button", {class: "tt-tool", type: "button", "aria-label": words, title: words, click: does}, sign);
        this.before = button("‹", t("Previous picture"), () => this.turn(-1));
        this.after = button("›", t("Next picture"), () => this.turn(1));
        const nearer = button("+", t("Zoom in"), () => this.zoomBy(STEP)),
            farther = button("−", t("Zoom out"), () => this.zoomBy(1 / STEP));
        return h("span", {class: "tt-acts"}, farther, nearer, this.before, this.after, button("×", t("Close"), () => this.close())); // prettier-ignore
    }

    /** @param {number} id @param {number[]} ids of the pictures that it goes on with, ``id`` among them */
    async open(id, ids) {
        this.ids = ids.includes(id) ? ids : [id];
        this.back = /** @type {any} */ (document.activeElement);
        await this.show(this.ids.indexOf(id));
    }

    /** @param {number} at place in ``ids`` */
    async show(at) {
        const found = await picture(this.of, this.ids[at]).catch(() => null);
        if (!found || found.error) return sayDone(this.done, found);
        if (!this.box.isConnected && find("dialog[open]")) return false; // it was asked for twice
        this.at = at;
        this.now = this.act(found, this);
        this.heading.textContent = fill(this.title, found.name);
        this.place.textContent = this.ids.length > 1 ? fill(t("{} of {}"), at + 1, this.ids.length) : "";
        this.before.disabled = at === 0;
        this.after.disabled = at === this.ids.length - 1;
        this.zoom = 1;
        const image = h("img", {alt: found.name, src: thumbOf(found, SHARP), draggable: "false"});
        const shape = `aspect-ratio:${found.width}/${found.height};--wide:min(100cqw,${(100 * found.width) / found.height}cqh);background-image:url("${thumbOf(found, 1280)}")`;
        this.stage.replaceChildren(h("div", {class: "tt-staged", style: shape}, image, this.now.over));
        this.side.replaceChildren(...this.now.side.filter(Boolean));
        if (!this.box.isConnected) {
            find("#train_tools_root").append(this.box);
            this.box.showModal();
        }
        this.now.starts.focus({preventScroll: true});
        return true;
    }

    /** About a point of the screen; the middle where none is told. @param {number} times
     * @param {{clientX: number, clientY: number}} [point] */
    zoomBy(times, point) {
        const staged = this.stage.firstElementChild,
            before = staged.getBoundingClientRect(),
            place = this.stage.getBoundingClientRect(),
            {clientX: x, clientY: y} = point || {clientX: place.left + place.width / 2, clientY: place.top + place.height / 2}; // prettier-ignore
        this.zoom = Math.min(Math.max(this.zoom * times, 1), NEAREST);
        staged.style.setProperty("--zoom", String(this.zoom));
        const after = staged.getBoundingClientRect(),
            grown = after.width / before.width;
        this.stage.scrollLeft += after.left - x + (x - before.left) * grown;
        this.stage.scrollTop += after.top - y + (y - before.top) * grown;
    }

    /** @param {WheelEvent} event */
    onWheel(event) {
        if (event.shiftKey || event.altKey) return; // the browser scrolls
        event.preventDefault();
        this.zoomBy(STEP ** Math.sign(-event.deltaY), event);
    }

    /** Whether there is another picture. @param {number} by */
    has = (by) => this.ids[this.at + by] !== undefined;

    /** @param {number} by */
    async turn(by) {
        if (!this.has(by) || !(await this.mayLeave())) return;
        for (let at = this.at + by; this.ids[at] !== undefined; at += by) if (await this.show(at)) return; // past broken ones
    }

    mayLeave = async () => !this.now || !this.now.leaves || this.now.leaves();

    async close() {
        if (!(await this.mayLeave())) return;
        this.box.close();
        this.box.remove();
        if (this.back && this.back.isConnected) this.back.focus();
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const writes = /** @type {HTMLElement} */ (event.target).matches(
            "input:not([type=checkbox], [type=range]), select",
        );
        if (event.key === "Escape")
            event.stopPropagation(); // to the WebUI this key means Interrupt
        else if (event.key === "PageUp" || event.key === "PageDown") this.turn(event.key === "PageUp" ? -1 : 1);
        else if (!writes && (event.key === "+" || event.key === "-")) this.zoomBy(event.key === "+" ? STEP : 1 / STEP);
        else if (writes || !this.now || !this.now.onKey || !this.now.onKey(event)) return;
        if (event.key !== "Escape") event.preventDefault();
    }
}
