// @ts-check
// After tagging: the proposal is looked at, made otherwise without tagging anew, and written or discarded.
import {asked} from "./dialog.mjs";
import {h} from "./dom.mjs";
import {sayDone, unsay, whyNot} from "./done.mjs";
import {FEW_CAPTIONS, headText, proposalElements} from "./proposal.mjs";
import {poll} from "./poll.mjs";
import {tell} from "./state.mjs";
import * as tagging from "./tagging.mjs";
import {howElement} from "./thresholds.mjs";
import {fill, t} from "./words.mjs";
import {closeWith} from "./worked.mjs";

const LATER_MS = 300, // while somebody slides
    PART = 40,
    FIXED = ["tagger", "model", "tagger_folder", "tag_batch_size"]; // what counts while pictures are tagged

/** The last page of the dialog. */
export class Proposed {
    /** @param {import("./state.mjs").Place} of @param {any} done where is said what was done @param {() => void} left */
    constructor(of, done, left) {
        this.of = of;
        this.done = done;
        this.left = left;
        this.asking = false;
        this.showTold = () => {};
        /** @type {any} */
        this.found = null;
        /** @type {any[]} declared settings */
        this.declared = [];
        /** @type {any} what it was made with */
        this.told = {};
        this.view = {all: false, shown: FEW_CAPTIONS};
        this.timer = this.asked = 0;
        this.changes = h("div", {class: "tt-tag-page"});
        this.how = h("details", {class: "tt-otherwise"}, h("summary", {}, t("Thresholds and where the tags go")));
        this.element = h("div", {class: "tt-tag-page"}, this.how, this.changes);
        this.write = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-tag"}); // prettier-ignore
        this.discard = h("button", {class: "tt-button", type: "button", click: () => this.drop()}, t("Discard"));
    }

    /** Ask for what is proposed. @returns {Promise<boolean>} whether anything is */
    async load() {
        const [found, taggers] = await Promise.all([
            tagging.proposal(this.of, 0, PART).catch(() => null),
            this.declared.length ? null : tagging.taggers("").catch(() => null),
        ]);
        if (taggers && !taggers.error) this.declared = taggers.settings;
        if (!found || found.error) return false;
        this.told = {...found.settings};
        this.draw(found);
        const tagger = {makes: found.makes, usual: found.usual_threshold};
        const how = howElement(this.declared, this.told, tagger, () => this.changed());
        this.how.replaceChildren(this.how.firstElementChild, how.element);
        this.showTold = how.show;
        return true;
    }

    /** @param {any} found */
    draw(found) {
        this.found = found;
        const acts = {
            leave: (/** @type {string[]} */ tags) => {
                this.told.exclude_tags = tags;
                this.showTold();
                this.changed();
            },
            draw: () => this.draw(this.found),
            more: () => this.more(),
        };
        const held = /** @type {any} */ (document.activeElement),
            tag = this.changes.contains(held) && held.dataset.leave;
        this.changes.replaceChildren(...proposalElements(found, this.told, this.view, acts));
        if (tag) this.changes.querySelector(`[data-leave="${CSS.escape(tag)}"]`)?.focus({preventScroll: true});
        this.write.disabled = !found.captions;
        this.write.textContent = fill(
            t(found.captions === 1 ? "Write {} caption" : "Write {} captions"),
            found.captions,
        );
    }

    changed() {
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.change(), LATER_MS);
    }

    close = () => clearTimeout(this.timer);

    /** Have it made otherwise. */
    async change() {
        const number = ++this.asked;
        const settings = Object.fromEntries(Object.entries(this.told).filter(([name]) => !FIXED.includes(name)));
        this.write.disabled = true; // until it is what is seen
        const found = await tagging.change(this.of, this.found.number, settings).catch(() => null);
        if (found && !found.error) this.found.number = found.number;
        if (number !== this.asked) return;
        if (found && !found.error) return this.draw(found);
        const head = this.changes.querySelector(".tt-would-change");
        head.textContent = whyNot(found);
        head.classList.add("tt-refused");
    }

    async more() {
        this.view.shown += PART;
        const {changes, captions} = this.found;
        if (changes.length < Math.min(this.view.shown, captions)) {
            const more = await tagging.proposal(this.of, changes.length, PART).catch(() => null);
            if (more && !more.error && more.number === this.found.number) changes.push(...more.changes);
        }
        this.draw(this.found);
        this.changes.querySelector(".tt-more-captions")?.focus();
    }

    /** Write it. */
    async accept() {
        if (this.write.disabled) return;
        this.write.disabled = true;
        unsay(this.done);
        const found = await tagging.accept(this.of, this.found.number).catch(() => null);
        this.write.disabled = false;
        if (!found || found.error) return void sayDone(this.done, found);
        poll(); // whoever offers to look at it looks again
        closeWith(this.done, this.of, found);
    }

    async drop() {
        const about = fill(t("{}. Nothing of it is written; to have it again the pictures must be tagged anew."), headText(this.found)); // prettier-ignore
        if (!(await asked({title: t("Discard the proposal?"), about, does: t("Discard")}))) return;
        const found = await tagging.discard(this.of).catch(() => null);
        if (!found || found.error) return void sayDone(this.done, found);
        unsay(this.done);
        tell("plan");
        this.left();
    }

    /** Another window has changed or written it. @param {number | null} number of what is proposed now */
    follow(number) {
        if (!this.found || number === this.found.number || this.asking) return;
        this.asking = true;
        this.load().then((there) => {
            this.asking = false;
            if (!there) this.left();
        });
    }
}
