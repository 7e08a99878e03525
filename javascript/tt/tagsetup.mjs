// @ts-check
// Before tagging: which pictures, which tagger, and what it is told.
import {wish} from "./api.mjs";
import {h} from "./dom.mjs";
import {sayDone, unsay} from "./done.mjs";
import {poll} from "./poll.mjs";
import {countText} from "./proposal.mjs";
import {turn} from "./queue_api.mjs";
import {chosen, scopeElement} from "./scope.mjs";
import {choicesElement, chosenOf, fetchElement, listOf} from "./taggers.mjs";
import * as tagging from "./tagging.mjs";
import {complete, howElement, remember, remembered} from "./thresholds.mjs";
import {fill, sentence, t} from "./words.mjs";

const LATER_MS = 250; // while somebody types

/** @typedef {import("./taggers.mjs").One} One */

/** The first page of the dialog. */
export class SetUp {
    /** @param {import("./state.mjs").Place} of @param {import("./scope.mjs").Scope} scope @param {any} done where is said
     * what was done @param {(job: number) => void} begun */
    constructor(of, scope, done, begun) {
        this.of = of;
        this.scope = scope;
        this.done = done;
        this.begun = begun;
        this.found = /** @type {any} taggers as the server told them */ (null);
        this.told = remembered();
        this.folder = this.told.tagger_folder || "";
        this.list = /** @type {One[]} */ ([]);
        this.one = /** @type {One | null} */ (null);
        this.gets = /** @type {any} */ (null);
        this.timer = this.asked = 0;
        /** @type {string | null} */
        this.fetching = null; // name of a tagger; empty where another window has asked
        this.element = h("div", {class: "tt-tag-page"});
        this.counted = h("p", {class: "tt-would-change", role: "status"});
        this.start = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-tag", disabled: true}, t("Tag pictures")); // prettier-ignore
    }

    /** Ask which taggers there are, and draw the page anew. @returns {Promise<void>} */
    async load() {
        const found = await tagging.taggers(this.folder).catch(() => null);
        if (!found || found.error) {
            sayDone(this.done, found);
            if (this.found || !this.folder) return;
            this.folder = ""; // that of another time is gone
            return this.load();
        }
        this.found = found;
        this.told = complete(found.settings, {...this.told, tagger_folder: this.folder});
        this.list = listOf(found);
        this.one = chosenOf(this.list, this.told);
        this.draw();
    }

    draw() {
        const changed = () => this.changed(),
            held = this.element.contains(document.activeElement),
            focused = held && /** @type {any} */ (document.activeElement).name;
        const isOpen = Boolean(this.gets?.element.open),
            acts = {look: (/** @type {string} */ folder) => this.look(folder), fetch: (/** @type {string} */ name) => this.fetch(name), stop: () => wish("stop")}; // prettier-ignore
        this.gets = fetchElement(this.found, {folder: this.folder, isOpen, ...acts});
        const scope = scopeElement("tt-tag-scope", this.scope, (taken) => {
            this.scope = taken;
            changed();
        });
        const how = this.one && howElement(this.found.settings, this.told, this.one, changed).element;
        const parts = [
            scope,
            choicesElement(this.list, this.one, (one) => this.take(one)),
            this.gets.element,
            how,
            this.counted,
        ];
        this.element.replaceChildren(...parts.filter(Boolean));
        if (held) this.element.querySelector(`[name="${focused || "tt-tagger"}"]:checked, summary`)?.focus();
        this.changed();
    }

    /** @param {string} folder */
    look(folder) {
        unsay(this.done);
        this.folder = folder;
        this.load();
    }

    /** @param {One} one */
    take(one) {
        const again = this.one?.makes !== one.makes || this.one?.usual !== one.usual;
        this.one = one;
        if (again) this.draw();
    }

    changed() {
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.count(), LATER_MS);
    }

    close = () => clearTimeout(this.timer);

    /** How many pictures it would be. */
    async count() {
        const number = ++this.asked,
            found = await tagging.count(this.of, chosen(this.scope), this.told).catch(() => null);
        if (number !== this.asked) return;
        const {pictures = 0} = found || {},
            words = countText(found);
        if (this.counted.textContent !== words) this.counted.textContent = words;
        this.counted.classList.toggle("tt-refused", !found || Boolean(found.error));
        this.start.disabled = !pictures || !this.one;
        this.start.textContent = pictures ? fill(t(pictures === 1 ? "Tag {} picture" : "Tag {} pictures"), pictures) : t("Tag pictures"); // prettier-ignore
    }

    async begin() {
        if (this.start.disabled || !this.one) return;
        Object.assign(this.told, {tagger: this.one.tagger, model: this.one.model});
        remember(this.told);
        unsay(this.done);
        this.start.disabled = true;
        const when = turn(),
            found = await tagging.tag(this.of, chosen(this.scope), this.told, when).catch(() => null);
        this.start.disabled = false;
        if (!found || found.error) sayDone(this.done, found);
        else if (when.queue) this.done.replaceChildren(h("span", {}, t("It waits in the queue.")));
        else this.begun(found.job.number);
    }

    /** @param {string} name of a published tagger */
    async fetch(name) {
        unsay(this.done);
        const found = await tagging.fetchTagger(name, this.folder).catch(() => null);
        if (!found || found.error) return void sayDone(this.done, found);
        this.fetching = name;
        poll();
    }

    /** A fetch has moved, or is over. @param {any} job @param {boolean} busy */
    follow(job, busy) {
        const goes = busy && job.kind === "fetch";
        if (goes) this.fetching ??= "";
        this.gets?.show(goes ? job : null, this.fetching);
        if (goes || this.fetching === null || job.kind !== "fetch") return;
        this.fetching = null;
        if (job.phase === "failed") return void sayDone(this.done, {error: job.error});
        this.done.replaceChildren(h("span", {}, sentence(job, "outcome")));
        this.load();
    }
}
