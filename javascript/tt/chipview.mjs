// @ts-check
// The tags of a caption as chips: moved, edited in place, removed and added, by mouse and by keys.
import {writeAnew} from "./anew.mjs";
import {chipElement, pressed, tagInput} from "./chip.mjs";
import {added, moved, sameTag, tagsIn, without} from "./chips.mjs";
import {completes} from "./completion.mjs";
import {cutAt, passedBy} from "./counter.mjs";
import {h} from "./dom.mjs";
import {movable} from "./dragging.mjs";
import {t} from "./words.mjs";

const KEYS =
    "Tags of the caption. Arrow keys go from one to the next, with Alt they move it. Enter edits, Delete removes.";

/** @typedef {{shape: () => import("./chips.mjs").Shape, change: (items: string[]) => void, redraw: () => void}} Owner
 * knows how captions are taken apart, takes over other items, and shows those of now again */

export class Chips {
    /** @param {Owner} owner */
    constructor(owner) {
        this.owner = owner;
        /** @type {string[]} */
        this.items = [];
        this.held = 0; // the chip that the Tab key comes to
        this.list = h("ul", {
            class: "tt-edited",
            "aria-label": t(KEYS),
            click: (/** @type {any} */ event) =>
                event.target.dataset.out && this.remove(Number(event.target.dataset.out)),
            dblclick: (/** @type {any} */ event) =>
                event.target.dataset.chip && this.edit(Number(event.target.dataset.chip)),
            keydown: (/** @type {any} */ event) => this.onKey(event),
        });
        movable(this.list, (from, to) => this.move(from, to));
        this.input = tagInput({class: "tt-add", placeholder: t("Add a tag..."), "aria-label": t("Add a tag")});
        const offers = this.completing(this.input, (tag) => this.add(tag));
        this.input.addEventListener("keydown", (/** @type {any} */ event) => this.onAddKey(event));
        this.input.addEventListener("input", () => {
            if (this.input.value.includes(owner.shape().separator)) this.add(this.input.value);
        });
        this.element = h("div", {class: "tt-chipped"}, this.list, h("span", {class: "tt-adds"}, this.input, offers));
    }

    /** @param {any} input @param {(tag: string) => void} take @param {string} [own] a tag that is edited there */
    completing(input, take, own = "") {
        const word = () => input.value.trim();
        const has = (/** @type {string} */ tag) =>
            sameTag(tag) !== sameTag(own) && this.items.some((item) => sameTag(item) === sameTag(tag));
        return completes(input, {word, take, has});
    }

    /** @param {string[]} items @param {import("./counter.mjs").Counted | null} counted */
    show(items, counted) {
        const hasKeys = this.list.contains(document.activeElement),
            cut = (counted && cutAt(counted)) ?? Infinity,
            {mark} = this.owner.shape(),
            before = [...this.list.children];
        this.items = items;
        const now = items.map((item, at) => {
            const facts = {passes: passedBy(counted, at), isCut: at >= cut, isMark: item === mark},
                key = JSON.stringify([item, facts]);
            return before[at]?.dataset.key === key ? before[at] : chipElement(item, at, facts, key);
        });
        if (now.length === before.length && now.every((one, at) => one === before[at])) return;
        this.list.replaceChildren(...now);
        this.reach(this.held);
        if (hasKeys) this.hold(this.held);
    }

    /** Let the Tab key come to a chip. @param {number} at */
    reach(at) {
        const all = [...this.list.querySelectorAll("[data-chip]")];
        this.held = Math.max(0, Math.min(at, all.length - 1));
        all.forEach((one, place) => (one.tabIndex = place === this.held ? 0 : -1));
        return all[this.held];
    }

    /** Bring the keys to a chip; without any to where tags are added. @param {number} at */
    hold(at) {
        (this.reach(at) || this.input).focus();
    }

    /** @param {number} from @param {number} to before which of them */
    move(from, to) {
        const now = moved(this.items, from, to);
        this.held = to > from ? to - 1 : to;
        if (now.join("\n") !== this.items.join("\n")) this.owner.change(now);
        this.hold(this.held);
    }

    /** @param {number} at */
    remove(at) {
        this.owner.change(without(this.items, at));
        this.hold(at);
    }

    /** @param {string} words one tag, or several */
    add(words) {
        const now = added(this.items, tagsIn(words, this.owner.shape()));
        this.input.value = "";
        if (now.length !== this.items.length) this.owner.change(now);
    }

    /** Let a tag be written anew, where it stands. @param {number} at */
    edit(at) {
        writeAnew(this, at);
    }

    /** Whether a tag is being written anew or moved, so that the others have to stay. */
    get isBusy() {
        return Boolean(this.list.querySelector(".tt-anew, .tt-held"));
    }

    /** Take over what was typed and not yet added. */
    flush() {
        this.list.querySelector(".tt-anew")?.dispatchEvent(new Event("blur"));
        if (this.input.value.trim()) this.add(this.input.value);
    }

    /** @param {any} event */
    onKey(event) {
        const {chip} = event.target.dataset;
        if (chip === undefined || !pressed(event, Number(chip), this)) return;
        event.preventDefault();
        event.stopPropagation();
    }

    /** @param {KeyboardEvent} event */
    onAddKey(event) {
        const atStart = this.input.selectionStart === 0 && this.input.selectionEnd === 0;
        if (event.isComposing || event.ctrlKey || event.metaKey) return;
        if (event.key === "Enter") this.add(this.input.value);
        else if (atStart && this.items.length && (event.key === "ArrowLeft" || event.key === "Backspace"))
            this.hold(this.items.length); // prettier-ignore
        else return;
        event.preventDefault();
        event.stopPropagation();
    }
}
