// @ts-check
// Regularisation pictures are made by the WebUI itself: what would be made is shown first.
import {wish} from "./api.mjs";
import {h} from "./dom.mjs";
import {doneElement, sayDone, unsay, whyNot} from "./done.mjs";
import {fieldOf} from "./field.mjs";
import {Line, lineOf} from "./lasting.mjs";
import {mark} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {turn} from "./queue_api.mjs";
import {promptsHtml, wouldText} from "./setbars.mjs";
import {make, wished, wouldMake} from "./setlist.mjs";
import {here, isPlace, on, samePlace, state} from "./state.mjs";
import {sentence, t} from "./words.mjs";
import {openWork} from "./work.mjs";

const LATER_MS = 300; // while somebody types

class Regularise {
    constructor() {
        this.of = here();
        /** @type {Record<string, any>} */
        this.values = {};
        this.asked = this.timer = 0;
        this.fields = h("div", {class: "tt-reg-fields"});
        this.would = h("p", {class: "tt-would-change", role: "status"});
        this.prompts = h("ul", {class: "tt-prompts"});
        this.done = doneElement();
        this.start = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-reg", disabled: true}, t("Make pictures")); // prettier-ignore
    }

    async open() {
        const form = h("form", {id: "tt-reg", submit: (/** @type {Event} */ event) => this.begin(event)});
        form.append(this.fields, this.would, this.prompts);
        const about = t("They keep a class as the model knows it, while the trigger word learns something new.");
        const title = t("Make regularisation pictures"),
            acts = [this.start, h("button", {class: "tt-button", type: "button", click: () => this.box.close()}, t("Close")), this.done]; // prettier-ignore
        this.box = openWork({name: "regularise", title, about, inside: form, acts, closed: () => clearTimeout(this.timer)}); // prettier-ignore
        const found = await wished(this.of).catch(() => null);
        if (!found || found.error) return sayDone(this.done, found);
        this.values = found.values;
        this.draw(found);
        this.look();
    }

    /** @param {any} found */
    draw({settings, wildcards}) {
        const made = settings.map((/** @type {any} */ one) => {
            const field = fieldOf(one, (value) => this.changed(one.name, value, field), () => {}); // prettier-ignore
            field.show(this.values[one.name]);
            return {level: one.level, element: field.element};
        });
        const of = (/** @type {string} */ level) =>
            made.filter((/** @type {any} */ one) => one.level === level).map((/** @type {any} */ one) => one.element);
        const names = wildcards.slice(0, 12).map((/** @type {string} */ name) => `__${name}__`);
        this.fields.replaceChildren(
            h("div", {class: "tt-fields"}, of("basic")),
            names.length ? h("p", {class: "tt-fine", translate: "no"}, `${t("Wildcards:")} ${names.join(" ")}`) : "",
            h("details", {}, h("summary", {}, t("More settings")), h("div", {class: "tt-fields"}, of("advanced"))),
        );
        this.fields.querySelector("input").focus();
    }

    /** @param {string} name @param {any} value @param {any} field */
    changed(name, value, field) {
        this.values[name] = value;
        field.show(value);
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.look(), LATER_MS);
    }

    /** Show what would be made. */
    async look() {
        const number = ++this.asked,
            empty = ["class_word", "class_prompt"].some((name) => !`${this.values[name] ?? ""}`.trim());
        unsay(this.done);
        const found = empty ? null : await wouldMake(this.of, this.values).catch(() => null);
        if (number !== this.asked) return;
        const wrong = !empty && (!found || found.error);
        mark(wrong && found ? found.error.problems : []);
        this.would.classList.toggle("tt-refused", Boolean(wrong));
        this.would.textContent = empty
            ? t("Name the class and say what the pictures show: what would be made is shown here.")
            : wrong ? whyNot(found) : wouldText(found); // prettier-ignore
        this.prompts.innerHTML = found && !found.error ? promptsHtml(found.examples) : "";
        this.start.disabled = empty || Boolean(wrong) || !found.missing;
    }

    /** @param {Event} event */
    async begin(event) {
        event.preventDefault();
        if (this.start.disabled) return;
        this.start.disabled = true;
        const when = turn(),
            found = await make(this.of, this.values, when).catch(() => null);
        this.start.disabled = false;
        if (!found || found.error) return sayDone(this.done, found);
        this.box.close();
        if (!when.queue) {
            show({}, found.job.number);
            lineOf("regularise")?.stop.focus();
        }
        poll();
    }
}

let newest = 0; // job of which the line tells

/** How far a job is. @param {any} job @param {number} [number] */
function show({work_done: done, work_total: total}, number = newest) {
    const line = lineOf("regularise");
    newest = number;
    (line && !line.isOver ? line : new Line("regularise", () => wish("stop"))).show(t("Making regularisation pictures"), done || 0, total || 0); // prettier-ignore
}

on("now", () => {
    if (!isPlace() || !state.status) return;
    const {busy, job} = state.status,
        line = lineOf("regularise"),
        isOurs = job.kind === "regularise" && samePlace(job, here());
    if (isOurs && busy) return show(job, job.number);
    if (!line || line.isOver || job.number < newest) return;
    if (isOurs && job.phase === "finished") line.end({words: sentence(job, "outcome")});
    else line.remove(); // why stands in the panel
});

export const openRegularise = () => new Regularise().open();
