// @ts-check
// What lasts, as lines on the pictures page: what is done now, how far it is, a way to end it, and what came of it.
import {doneElement, sayDone} from "./done.mjs";
import {find, h} from "./dom.mjs";
import {here, on, samePlace} from "./state.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {{title: string, lines: string[]}} Told some files by name, with what there is to say of them */
/** @typedef {{words: string, edit?: number, lists?: Told[], wrong?: boolean}} Ending ``edit`` is for undo */

export const lastingElement = () =>
    h("section", {class: "tt-lasting", "aria-label": t("What goes on with the pictures"), hidden: true});

/** @type {Map<string, Line>} those that are shown */
const lines = new Map();

/** @type {Set<number>} numbers of works of which another part of this window tells */
export const toldElsewhere = new Set();

/** The line of something; a new one takes the place of what was said of it before, and of work that is over where it
 * is work itself. */
export class Line {
    /** @param {string} key @param {(() => any) | null} [cancel] ends it */
    constructor(key, cancel = null) {
        this.key = key;
        this.of = here();
        this.isOver = false;
        this.words = h("span", {role: "status"});
        this.bar = h("progress");
        this.far = h("span", {class: "tt-far"});
        this.stop = cancel && h("button", {class: "tt-button", type: "button", click: () => this.cancel(cancel)}, t("Cancel")); // prettier-ignore
        this.element = h("div", {class: "tt-last", "data-line": key}, this.words, this.bar, this.far, this.stop);
        for (const line of [...lines.values()]) if (line.key === key || (cancel && line.isOver)) line.remove();
        lines.set(key, this);
        find(".tt-lasting")?.append(this.element);
        settle();
    }

    /** @param {() => any} ends */
    cancel(ends) {
        if (this.stop.ariaDisabled) return;
        this.stop.ariaDisabled = "true"; // what is in hand is brought to its end; the keys stay
        ends();
    }

    /** @param {string} words what is done now @param {number} [done] @param {number} [total] 0 while nobody knows */
    show(words, done = 0, total = 0) {
        if (this.words.textContent !== words) this.words.textContent = words;
        this.bar.setAttribute("aria-label", words);
        this.far.textContent = total ? fill(t("{} of {}"), done, total) : "";
        if (total) Object.assign(this.bar, {max: total, value: done});
        else this.bar.removeAttribute("value"); // it moves, and tells no share
    }

    /** Say what came of it; where it can be undone, everything that shows pictures looks again. @param {Ending} told */
    end({words, edit = 0, lists = [], wrong = false}) {
        const box = doneElement(),
            isHeld = this.element.contains(document.activeElement);
        this.isOver = true;
        box.classList.add("tt-taken");
        const close = h("button", {class: "tt-tool", type: "button", "aria-label": t("Close"), title: t("Close"), click: () => this.remove()}, "×"); // prettier-ignore
        this.element.classList.add("tt-last-ended");
        this.element.replaceChildren(box, close, ...lists.filter((one) => one.lines.length).map(listElement));
        if (wrong) {
            box.classList.add("tt-refused");
            box.append(h("span", {}, words));
        } else sayDone(box, {number: edit, label: words});
        if (isHeld) this.element.querySelector("button").focus({preventScroll: true});
    }

    /** Offer something, with its buttons. @param {string} words @param {...any} buttons */
    offer(words, ...buttons) {
        this.element.classList.add("tt-last-offer");
        this.words.textContent = words;
        this.element.replaceChildren(this.words, h("span", {class: "tt-acts"}, buttons));
    }

    remove() {
        this.element.remove();
        if (lines.get(this.key) === this) lines.delete(this.key);
        settle();
    }
}

/** @param {string} key @returns {Line | undefined} */
export const lineOf = (key) => lines.get(key);

/** @param {Told} told */
const listElement = ({title, lines: said}) =>
    h(
        "details",
        {},
        h("summary", {}, title),
        h("ul", {translate: "no"}, said.map((line) => h("li", {}, line))), // prettier-ignore
    );

function settle() {
    const box = find(".tt-lasting");
    if (box) box.hidden = !lines.size;
}

on("place", () => {
    for (const line of [...lines.values()])
        if (!samePlace(line.of, here()) && (line.key !== "upload" || line.isOver)) line.remove();
});
