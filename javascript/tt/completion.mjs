// @ts-check
// Tags that complete what somebody types, in a list below the input.
import {h} from "./dom.mjs";
import {completions} from "./edits.mjs";
import {here} from "./state.mjs";
import {fill, t} from "./words.mjs";

const LATER_MS = 120,
    MOST = 12;
let made = 0;

/** @typedef {{tag: string, pictures: number, posts: number, alias: string}} Offer */

/** Posts of a site, as 5.2M, 34k or 120. @param {number} count */
export function shortly(count) {
    if (count >= 1e6) return `${(count / 1e6).toFixed(1)}M`;
    return count >= 1e3 ? `${Math.round(count / 1e3)}k` : `${count}`;
}

/** How often a tag is used, and under which other name it was found. @param {Offer} one */
export function usesText({pictures, posts, alias}) {
    const uses = pictures
        ? fill(t(pictures === 1 ? "{} picture" : "{} pictures"), pictures)
        : posts
          ? shortly(posts)
          : "";
    return [alias && `← ${alias}`, uses].filter(Boolean).join("  ");
}

/** @typedef {{word: () => string | null, take: (tag: string) => void, has: (tag: string) => boolean}} How ``word`` is what
 * was typed of a tag, null for nothing to complete; ``take`` is called with the tag that is chosen; ``has`` tells which are
 * there already */

/** Offers tags while somebody types. */
class Completion {
    /** @param {any} input @param {How} how */
    constructor(input, how) {
        this.input = input;
        this.how = how;
        this.active = -1;
        this.asked = this.timer = 0;
        this.list = h("ul", {
            class: "tt-offers",
            role: "listbox",
            id: `tt-offers-${++made}`,
            "aria-label": t("Tags that fit"),
            hidden: true,
            pointerdown: (/** @type {any} */ event) => this.onPointer(event),
        });
        const facts = {role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id};
        for (const [name, value] of Object.entries(facts)) input.setAttribute(name, value);
        input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.onKey(event));
        input.addEventListener("input", () => {
            clearTimeout(this.timer);
            this.timer = window.setTimeout(() => this.ask(), LATER_MS);
        });
        input.addEventListener("blur", () => this.close());
        this.close();
    }

    close() {
        this.asked++;
        clearTimeout(this.timer);
        this.list.hidden = true;
        this.point(-1);
        this.input.setAttribute("aria-expanded", "false");
    }

    /** @param {number} at */
    point(at) {
        this.active = at;
        [...this.list.children].forEach((one, place) => one.setAttribute("aria-selected", `${place === at}`));
        if (at < 0) return this.input.removeAttribute("aria-activedescendant");
        this.input.setAttribute("aria-activedescendant", this.list.children[at].id);
        this.list.children[at].scrollIntoView({block: "nearest"});
    }

    async ask() {
        const begun = this.how.word(),
            number = ++this.asked;
        if (begun === null) return this.close();
        const found = await completions(here(), begun, MOST).catch(() => null);
        if (number !== this.asked || !this.input.isConnected) return;
        const tags = found && !found.error ? found.tags : [],
            fits = tags.filter((/** @type {Offer} */ one) => !this.how.has(one.tag));
        if (!fits.length) return this.close();
        this.list.replaceChildren(
            ...fits.map((/** @type {Offer} */ one, /** @type {number} */ at) =>
                offerElement(one, `${this.list.id}-${at}`),
            ),
        );
        this.list.hidden = false;
        this.list.scrollIntoView({block: "nearest"}); // on phones it opens below what is in sight
        this.input.setAttribute("aria-expanded", "true");
        this.point(-1);
    }

    /** @param {number} at */
    choose(at) {
        const {tag} = this.list.children[at].dataset;
        this.close();
        this.how.take(tag);
    }

    /** @param {any} event */
    onPointer(event) {
        const offer = event.target.closest("li");
        event.preventDefault(); // the keys stay in the input
        if (offer) this.choose([...this.list.children].indexOf(offer));
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const by = event.isComposing ? 0 : {ArrowDown: 1, ArrowUp: -1}[event.key] || 0,
            count = this.list.children.length + 1;
        if (this.list.hidden) {
            if (event.key !== "ArrowDown" || this.input.tagName === "TEXTAREA") return;
            this.ask();
        } else if (by) this.point(((this.active + 1 + by + count) % count) - 1);
        else if (event.key === "Escape") this.close();
        else if ((event.key === "Enter" || event.key === "Tab") && this.active >= 0) this.choose(this.active);
        else return;
        event.preventDefault();
        event.stopImmediatePropagation();
    }
}

/** @param {Offer} one @param {string} id */
const offerElement = (one, id) =>
    h(
        "li",
        {role: "option", id, "aria-selected": "false", "data-tag": one.tag},
        h("span", {translate: "no"}, one.tag),
        h("small", {translate: one.pictures ? null : "no"}, usesText(one)),
    );

/** Offer tags at an input. @param {any} input @param {How} how @returns {any} the list, to stand beside it */
export const completes = (input, how) => new Completion(input, how).list;
