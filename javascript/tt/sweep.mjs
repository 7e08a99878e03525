// @ts-check
// A sweep: settings with several values each, and a run for each combination. What it would do is shown first.
import {firstText, matching, planText, sharedWrong, sweepable, tableHtml} from "./axes.mjs";
import {axisElement} from "./axis.mjs";
import {h, within} from "./dom.mjs";
import {doneElement, sayDone, unsay, whyNot} from "./done.mjs";
import {labelText} from "./labelled.mjs";
import {mark} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {has} from "./search.mjs";
import {keepSettings, revision, valueOf} from "./settings.mjs";
import {here, state} from "./state.mjs";
import {beginSweep} from "./sweep_api.mjs";
import {promptsElements} from "./sweepprompts.mjs";
import {showSweeps} from "./sweeps.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";

const LATER_MS = 300; // while somebody types

class Sweep {
    constructor() {
        this.of = here();
        this.settings = sweepable(state.declared);
        /** @type {Map<string, string>} values as they are typed, by setting */
        this.axes = new Map();
        this.prompts = "version";
        this.asked = this.timer = 0;
        this.found = h("ul", {class: "tt-sweep-found"});
        this.list = h("div", {class: "tt-axes"});
        this.would = h("p", {class: "tt-would-change", role: "status"});
        this.table = h("div", {class: "tt-sweep-table", tabindex: "0", role: "group", "aria-label": t("Runs"), hidden: true}); // prettier-ignore
        this.done = doneElement();
        this.start = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-sweep", disabled: true}, t("Add to queue")); // prettier-ignore
        const words = t("Find a setting...");
        this.search = h("input", {type: "search", placeholder: words, "aria-label": words, autocomplete: "off",
            input: () => this.find(), keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event)}); // prettier-ignore
    }

    open() {
        const form = h("form", {id: "tt-sweep", class: "tt-own-marks", submit: (/** @type {Event} */ event) => this.begin(event)}); // prettier-ignore
        const prompts = promptsElements((kind) => {
            this.prompts = kind;
            this.later();
        });
        form.append(this.search, this.found, this.list, this.would, this.table, ...prompts);
        this.form = form;
        const about = t("Trains once with each combination of values, and compares the runs in a report: figures, and pictures on the same prompts and seeds."); // prettier-ignore
        const acts = [this.start, h("button", {class: "tt-button", type: "button", click: () => this.box.close()}, t("Close")), this.done]; // prettier-ignore
        this.box = openWork({name: "sweep", title: t("Sweep"), about, inside: form, acts, closed: () => clearTimeout(this.timer)}); // prettier-ignore
        this.search.focus();
        this.look();
    }

    /** Show settings that have the words which are typed. */
    find() {
        const some = matching(this.settings.filter((one) => !this.axes.has(one.name)), this.search.value, has); // prettier-ignore
        this.found.replaceChildren(
            ...some.map(
                (one) =>
                h("li", {}, h("button", {class: "tt-button", type: "button", "data-axis": one.name, click: () => this.add(one)},
                    labelText(one), " ", h("small", {translate: "no"}, one.name))), // prettier-ignore
            ),
        );
    }

    /** Enter takes the first. @param {KeyboardEvent} event */
    onKey(event) {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        this.found.querySelector("button")?.click();
    }

    /** @param {any} setting */
    add(setting) {
        const {name} = setting;
        const axis = axisElement(
            setting,
            firstText(setting, valueOf(name)),
            (typed) => {
                this.axes.set(name, typed);
                this.later();
            },
            () => {
                this.axes.delete(name);
                axis.element.remove();
                this.search.focus();
                this.later();
            },
        );
        this.list.append(axis.element);
        this.search.value = "";
        this.find();
        axis.focus();
    }

    later() {
        clearTimeout(this.timer);
        this.start.disabled = true;
        this.timer = window.setTimeout(() => this.look(), LATER_MS);
    }

    /** @param {boolean} dry_run */
    async send(dry_run) {
        await keepSettings();
        const axes = Object.fromEntries(this.axes);
        return beginSweep(this.of, {axes, prompts: this.prompts, dry_run, ...revision()});
    }

    /** Show what it would do. */
    async look() {
        const number = ++this.asked;
        unsay(this.done);
        const found = this.axes.size ? await this.send(true).catch(() => null) : undefined;
        if (number !== this.asked) return;
        const isGood = Boolean(found) && !found.error,
            problems = found?.error?.problems || [];
        mark(problems.map((/** @type {any} */ one) => ({...one, setting: `sweep_${one.setting}`})), this.form); // prettier-ignore
        const isMarked = problems.some((/** @type {any} */ one) => this.axes.has(one.setting)),
            wrong = isGood ? sharedWrong(found) : "";
        this.would.classList.toggle("tt-refused", Boolean(wrong) || (found !== undefined && !isGood));
        this.would.textContent = isGood
            ? wrong || planText(found)
            : found === undefined ? t("Choose a setting above and give it several values: the runs are shown here.")
            : isMarked ? "" : whyNot(found); // prettier-ignore
        this.table.hidden = !isGood || Boolean(wrong);
        this.table.innerHTML = isGood ? tableHtml(found, state.declared) : "";
        this.start.disabled = !isGood || found.runs.some((/** @type {any} */ run) => run.steps === null);
        this.start.textContent = isGood ? fill(t("Add {} runs to the queue"), found.runs.length) : t("Add to queue");
    }

    /** @param {Event} event */
    async begin(event) {
        event.preventDefault();
        if (this.start.disabled) return;
        this.start.disabled = true;
        const found = await this.send(false).catch(() => null);
        this.start.disabled = false;
        if (!found || found.error) return void sayDone(this.done, found);
        this.box.close();
        showSweeps();
        poll();
    }
}

document.addEventListener("click", (event) => {
    if (within(event, "[data-sweep]")) new Sweep().open();
});
