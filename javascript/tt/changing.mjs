// @ts-check
// Many pictures are changed at once: counted before, seen while it goes on, taken back after.
import {partElements, usualElements} from "./changeform.mjs";
import {changeList, reasonOf} from "./changelist.mjs";
import {choose, emptyWish, isReady, requestOf} from "./changes.mjs";
import {Counting} from "./counting.mjs";
import {h} from "./dom.mjs";
import {doneElement, sayDone, unsay} from "./done.mjs";
import {begin, follow} from "./running.mjs";
import {chosen, scopeElement, usual} from "./scope.mjs";
import {here} from "./state.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";

const LATER_MS = 300;

/** The dialog, with what is filled in. */
class Changing {
    /** @param {string} action @param {{id: number, name: string} | null} one picture alone; null leaves the choice
     * @param {import("./scope.mjs").Scope} scope */
    constructor(action, one, scope) {
        this.of = here();
        this.one = one;
        this.scope = scope;
        this.wish = emptyWish();
        this.timer = 0;
        this.counting = new Counting(this.of, (count) => this.show(count));
        this.form = h("form", {id: "tt-changing", submit: (/** @type {Event} */ event) => this.make(event)});
        this.reason = h("p", {class: "tt-fine"});
        this.parts = h("div", {class: "tt-parts"});
        this.usual = h("div", {class: "tt-usual"});
        this.count = h("div", {class: "tt-would-change", role: "status"});
        this.left = h("ul", {class: "tt-not-made"});
        this.done = doneElement();
        this.apply = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-changing"});
        choose(this.wish, action);
    }

    open() {
        const scope = scopeElement("tt-change-scope", this.scope, (now) => {
            this.scope = now;
            this.changed();
        });
        const which = this.one ? h("p", {translate: "no"}, this.one.name) : scope,
            list = changeList(this.wish.action, (action) => this.choose(action)),
            part = h("div", {class: "tt-change-part"}, this.reason, this.parts, this.usual, this.count, this.left);
        this.form.append(which, h("div", {class: "tt-change-of"}, list, part));
        const close = h("button", {class: "tt-button", type: "button", click: () => this.box.close()}, t("Close"));
        this.box = openWork({
            name: "change",
            title: t("Change pictures"),
            about: t("New files come beside the originals, which stay as they are. Undo takes all of it back."),
            inside: this.form,
            acts: [this.apply, close, this.done],
            closed: () => this.stop(),
        });
        this.redraw();
        list.querySelector(":checked").focus();
    }

    /** @param {string} action */
    choose(action) {
        choose(this.wish, action);
        this.redraw();
    }

    redraw() {
        const changed = () => this.changed();
        this.reason.textContent = reasonOf(this.wish.action);
        this.parts.replaceChildren(...partElements(this.wish, changed, () => this.redraw()));
        this.usual.replaceChildren(...usualElements(this.wish, changed).filter(Boolean));
        this.changed();
    }

    stop() {
        clearTimeout(this.timer);
        this.counting.stop();
    }

    changed() {
        this.stop();
        this.label(0);
        this.apply.disabled = !isReady(this.wish);
        if (this.apply.disabled) this.show({words: t("Fill in what is missing.")});
        else this.timer = window.setTimeout(() => this.counting.ask(...this.request()), LATER_MS);
    }

    /** @returns {[string, Record<string, any>]} */
    request() {
        const [action, told] = requestOf(this.wish);
        return [action, {...told, ...(this.one ? {ids: [this.one.id]} : chosen(this.scope))}];
    }

    /** @param {import("./counting.mjs").Count} found */
    show({words, made, left = [], isRefused = false}) {
        this.count.classList.toggle("tt-refused", isRefused);
        this.count.textContent = words;
        this.left.replaceChildren(...left.map((line) => h("li", {}, line)));
        if (made !== undefined) this.label(made);
        if (isRefused || made === 0) this.apply.disabled = true;
    }

    /** @param {number} made pictures */
    label(made) {
        const makes = made
            ? fill(t(made === 1 ? "Make {} picture" : "Make {} pictures"), made)
            : t("Make the pictures");
        this.apply.textContent = this.wish.action === "mask" ? t("Change the masks") : makes;
    }

    /** @param {Event} event */
    async make(event) {
        event.preventDefault();
        if (this.apply.disabled) return;
        this.stop();
        this.apply.disabled = true;
        unsay(this.done);
        this.show({words: ""});
        const begun = await begin(this.of, ...this.request());
        if (begun && begun.number) {
            this.box.close();
            follow(begun, true);
            return;
        }
        sayDone(this.done, begun);
        this.apply.disabled = false;
    }
}

/** @param {string} action @param {{id: number, name: string} | null} [one] picture alone
 * @param {import("./scope.mjs").Scope} [scope] */
export const openChanging = (action, one = null, scope = usual()) => new Changing(action, one, scope).open();
