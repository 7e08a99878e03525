// @ts-check
// Binding, step by step: which common tags the trigger word takes over, and which stay free.
import {choicesElements, decided, still} from "./choices.mjs";
import {h} from "./dom.mjs";
import {doneElement, sayDone, unsay, whyNot} from "./done.mjs";
import * as edits from "./edits.mjs";
import {exampleElement} from "./examples.mjs";
import {textElement} from "./labelled.mjs";
import {chosen, scopeElement, usual} from "./scope.mjs";
import {here, state} from "./state.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";
import {closeWith} from "./worked.mjs";

const LAST = 2;
const WHY =
    "What captions name stays free: a prompt can change it. What they do not name, the trigger word learns. So tags of what always belongs to the character leave the captions, and the trigger word stands for them.";

/** The dialog, with what is decided. */
class Binding {
    constructor() {
        this.of = here();
        this.page = 0;
        this.scope = usual();
        this.trigger = "";
        this.asked = 0;
        /** @type {any} */
        this.found = {tags: [], waiting: 0};
        this.way = h("ol", {class: "tt-way"});
        this.body = h("div", {class: "tt-bind-page"});
        this.done = doneElement();
        this.back = h("button", {class: "tt-button", type: "button", click: () => this.go(this.page - 1)}, t("Back"));
        this.next = h("button", {class: "tt-button tt-primary", type: "submit", disabled: true}); // until there is an answer
    }

    async open() {
        const form = h("form", {id: "tt-bind", submit: (/** @type {Event} */ event) => this.onward(event)});
        form.append(this.way, this.body);
        this.next.setAttribute("form", form.id);
        const close = h("button", {class: "tt-button", type: "button", click: () => box.close()}, t("Close"));
        const box = openWork({
            name: "bind",
            title: t("Bind tags to the trigger word"),
            inside: form,
            acts: [this.next, this.back, close, this.done],
        });
        if (!(await this.ask())) return;
        this.trigger = this.found.trigger || state.project;
        this.go(0);
    }

    /** Ask for common tags. @returns {Promise<boolean>} whether there is an answer */
    async ask() {
        const found = await edits.proposals(this.of, chosen(this.scope), this.trigger).catch(() => null);
        if (found && !found.error) this.found = {...found, tags: still(found.tags, this.found.tags)};
        else sayDone(this.done, found);
        return Boolean(found && !found.error);
    }

    /** @param {number} page */
    go(page) {
        this.page = page;
        unsay(this.done);
        const names = [t("Trigger word"), t("Tags"), t("Captions")];
        this.way.replaceChildren(
            ...names.map((name, place) => h("li", {"aria-current": place === page && "step"}, name)),
        );
        this.body.replaceChildren(
            ...[this.wordPage, this.tagsPage, this.captionsPage][page].call(this).filter(Boolean),
        );
        this.back.hidden = page === 0;
        this.next.textContent = t("Next");
        this.next.disabled = page === 1 && !this.found.tags.length && !this.trigger;
        if (page === LAST) this.look();
        (this.body.querySelector("input:not(:disabled)") || this.body.querySelector("[tabindex]"))?.focus();
    }

    wordPage() {
        return [
            h("p", {}, t(WHY)),
            textElement(t("Trigger word"), this.trigger, (word) => (this.trigger = word.trim())),
            scopeElement("tt-bind-scope", this.scope, (scope) => (this.scope = scope)),
            this.found.waiting > 0 && this.waitingElement(),
        ];
    }

    waitingElement() {
        const words = fill(t("Captions that came later and do not follow your choice yet: {}"), this.found.waiting),
            button = h(
                "button",
                {class: "tt-button", type: "button", click: () => this.write({again: true})},
                t("Bind them too"),
            );
        return h("div", {class: "tt-waiting"}, h("span", {}, words), button);
    }

    tagsPage = () => choicesElements(this.trigger, this.found.tags, this.found.captioned > 0);

    captionsPage() {
        this.count = h("p", {role: "status", tabindex: "-1"}, t("Looking..."));
        this.example = h("div", {class: "tt-examples"});
        return [this.count, this.example, h("p", {class: "tt-fine"}, t("The choice is remembered for pictures that come later."))]; // prettier-ignore
    }

    /** As a request tells it. */
    choice() {
        const {tags} = this.found;
        return {...chosen(this.scope), trigger: this.trigger, character: decided(tags, true), stays: decided(tags, false)}; // prettier-ignore
    }

    /** Show what would be written. */
    async look() {
        const number = ++this.asked;
        this.next.disabled = true;
        const found = await edits.bindPreview(this.of, this.choice()).catch(() => null);
        if (number !== this.asked || this.page !== LAST) return;
        const known = found && !found.error;
        this.count.textContent = known ? fill(t("Changes {} of {} captions."), found.captions, found.pictures) : whyNot(found); // prettier-ignore
        this.example.replaceChildren(...(known && found.example ? [exampleElement(found.example)] : []));
        this.next.disabled = !known;
        this.next.textContent = t("Write it");
    }

    /** @param {Event} event */
    async onward(event) {
        event.preventDefault();
        if (this.next.disabled) return;
        if (this.page === 0 && !(await this.ask())) return;
        if (this.page < LAST) return this.go(this.page + 1);
        this.next.disabled = true;
        this.write(this.choice());
    }

    /** @param {Record<string, any>} choice */
    async write(choice) {
        const found = await edits.bind(this.of, choice).catch(() => null);
        if (found && !found.error) return closeWith(this.done, this.of, found);
        sayDone(this.done, found);
        this.next.disabled = false;
    }
}

export const openBinding = () => new Binding().open();
