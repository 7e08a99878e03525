// @ts-check
// Captions of many pictures are edited at once: what would change is shown first, and it is taken back with one click.
import {h} from "./dom.mjs";
import {doneElement, sayDone, unsay, whyNot} from "./done.mjs";
import * as edits from "./edits.mjs";
import {examplesElement} from "./examples.mjs";
import {chosen, scopeElement, usual} from "./scope.mjs";
import {here} from "./state.mjs";
import {stepElement} from "./stepform.mjs";
import {bodyOf, emptyStep, isReady} from "./steps.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";
import {closeWith} from "./worked.mjs";

const LATER_MS = 200; // while somebody types

/** The dialog, with what is filled in. */
class Batch {
    constructor() {
        this.of = here();
        this.scope = usual();
        this.steps = [emptyStep()];
        this.asked = 0;
        this.timer = 0;
        this.list = h("ol", {class: "tt-steps"});
        this.count = h("div", {class: "tt-would-change", role: "status"});
        this.examples = h("div", {class: "tt-examples"});
        this.done = doneElement();
        this.apply = h("button", {class: "tt-button tt-primary", type: "submit", disabled: true});
        this.label(0);
    }

    open() {
        const form = h("form", {id: "tt-batch", submit: (/** @type {Event} */ event) => this.write(event)});
        const more = h("button", {class: "tt-button", type: "button", click: () => this.more()}, t("Another step"));
        form.append(
            scopeElement("tt-batch-scope", this.scope, (scope) => {
                this.scope = scope;
                this.look();
            }),
            this.list,
            more,
            this.count,
            this.examples,
        );
        this.apply.setAttribute("form", form.id);
        const close = h("button", {class: "tt-button", type: "button", click: () => box.close()}, t("Close"));
        const box = openWork({
            name: "edit-captions",
            title: t("Edit captions"),
            inside: form,
            acts: [this.apply, close, this.done],
            closed: () => clearTimeout(this.timer),
        });
        this.draw();
        box.querySelector(".tt-steps input").focus();
    }

    more() {
        this.steps.push(emptyStep());
        this.draw();
        this.list.lastElementChild.querySelector("select").focus();
        this.changed();
    }

    draw() {
        const alone = this.steps.length === 1;
        this.list.replaceChildren(
            ...this.steps.map((step) =>
                stepElement(step, () => this.changed(), alone ? null : () => this.without(step)),
            ),
        );
        this.changed();
    }

    /** @param {import("./steps.mjs").Step} step */
    without(step) {
        this.steps = this.steps.filter((one) => one !== step);
        this.draw();
        this.list.lastElementChild.querySelector("select").focus();
    }

    changed() {
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.look(), LATER_MS);
    }

    /** Those that are filled in. */
    ready = () => this.steps.filter(isReady);

    /** Show what would change. */
    async look() {
        const number = ++this.asked,
            ready = this.ready();
        this.label(0);
        if (!ready.length) return this.show(null);
        const found = await edits.preview(this.of, chosen(this.scope), ready.map(bodyOf)).catch(() => null);
        if (number !== this.asked) return;
        this.show(found && !found.error ? found : null);
        if (found && !found.error) return;
        this.count.textContent = whyNot(found);
        this.count.classList.add("tt-refused");
    }

    /** @param {any} found null where there is nothing to show */
    show(found) {
        this.count.classList.remove("tt-refused");
        this.count.textContent = found ? countText(found) : t("Fill in a step: what it would change is shown here.");
        this.examples.replaceChildren(...(found ? examplesElement(found.examples, found.captions).childNodes : []));
        this.label(found ? found.captions : 0);
        const ready = this.ready();
        this.steps.forEach((step, place) => {
            const told = found && found.steps[ready.indexOf(step)],
                count = this.list.children[place].querySelector("output");
            count.textContent = told && found.steps.length > 1 ? captionsText(told.captions) : "";
        });
    }

    /** @param {number} captions that would change */
    label(captions) {
        this.apply.disabled = !captions;
        this.apply.textContent = captions
            ? fill(t(captions === 1 ? "Change {} caption" : "Change {} captions"), captions)
            : t("Change captions");
    }

    /** @param {Event} event */
    async write(event) {
        event.preventDefault();
        if (this.apply.disabled) return;
        this.apply.disabled = true;
        unsay(this.done);
        const found = await edits.edit(this.of, chosen(this.scope), this.ready().map(bodyOf)).catch(() => null);
        if (found && !found.error) return closeWith(this.done, this.of, found);
        sayDone(this.done, found);
        this.label(0);
    }
}

/** @param {number} count */
const captionsText = (count) => fill(t(count === 1 ? "{} caption" : "{} captions"), count);

/** How much would change. @param {any} found */
export function countText(found) {
    const words = fill(t("Changes {} of {} captions."), found.captions, found.pictures),
        cannot = found.unreadable.length ? ` ${fill(t("Cannot be read: {}"), found.unreadable.join(", "))}` : "";
    return found.captions ? words + cannot : fill(t("Changes nothing in these pictures: {}"), found.pictures) + cannot;
}

export const openBatch = () => new Batch().open();
