// @ts-check
// Tools that make a new LoRA file of others: what is to be filled in, how far it is, what came of it.
import {begin} from "./api.mjs";
import {h} from "./dom.mjs";
import {doneElement, unsay, whyNot} from "./done.mjs";
import {fieldOf} from "./field.mjs";
import {segmentElement} from "./labelled.mjs";
import {LoraBase} from "./lorabase.mjs";
import {LoraExtra} from "./loraextra.mjs";
import {TOOL_ABOUTS, TOOL_ENDS, TOOL_TITLES} from "./lorakinds.mjs";
import {carryOutTool} from "./lorafiles.mjs";
import {LoraProgress} from "./loraprogress.mjs";
import {LoraTarget, stemOf} from "./loratarget.mjs";
import {mark} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {turn} from "./queue_api.mjs";
import {answered} from "./settings.mjs";
import {here} from "./state.mjs";
import {t} from "./words.mjs";

export class LoraTool {
    /** @param {{tools: any[], base_models: string[]}} declared
     * @param {{made: () => void, look: (file: string) => void}} page is told of a new file, and shows one */
    constructor(declared, page) {
        this.tools = declared.tools.filter(({name}) => name in TOOL_TITLES);
        this.file = "";
        this.family = "sd1";
        /** @type {Record<string, Record<string, any>>} what was filled in, by tool */
        this.values = Object.fromEntries(this.tools.map(({name, settings}) => [name, Object.fromEntries(settings.map((/** @type {any} */ one) => [one.name, one.default]))])); // prettier-ignore
        this.target = new LoraTarget();
        this.base = new LoraBase();
        this.extra = new LoraExtra(declared.base_models, () => this.settle());
        this.extra.element.addEventListener("change", () => this.suggest());
        this.about = h("p", {class: "tt-fine"});
        this.fields = h("div", {class: "tt-lora-fields"});
        this.done = doneElement();
        this.progress = new LoraProgress(page, (found) => this.refuse(found));
        this.start = h("button", {class: "tt-button tt-primary", "data-lora": "start"}, t("Make the file"));
        this.tried = h("button", {class: "tt-button", type: "button", "data-lora": "try", title: t("Pictures of the file as it is and with these weights; no file is made."), click: () => this.tryWeights()}, t("Preview these weights")); // prettier-ignore
        this.now = this.tools[0].name;
        const choices = this.tools.map(({name}) => segmentElement("tt-lora-tool", t(TOOL_TITLES[name]), name === this.now, () => this.choose(name))); // prettier-ignore
        this.form = h("form", {class: "tt-own-marks", submit: (/** @type {Event} */ event) => this.begin(event)},
            this.about, this.extra.element, this.base.element, this.fields, this.target.element, h("div", {class: "tt-acts"}, this.start, this.tried, this.done)); // prettier-ignore
        this.element = h("section", {class: "tt-group tt-lora-tool", "aria-label": t("Make another file of it")},
            h("h2", {}, t("Make another file of it")),
            h("div", {class: "tt-segments", role: "radiogroup", "aria-label": t("Tool")}, choices),
            this.form, this.progress.element); // prettier-ignore
        this.choose(this.now);
    }

    /** @param {string} name */
    choose(name) {
        this.now = name;
        const {settings} = this.tools.find((one) => one.name === name),
            values = this.values[name];
        const own = settings.filter((/** @type {any} */ one) => name !== "merge" || one.name !== "weights"); // beside the files
        const made = own.map((/** @type {any} */ one) => {
            const changed = (/** @type {any} */ value) => {
                values[one.name] = value;
                field.show(value);
            };
            const field = fieldOf({...one, id: `tool_${one.name}`, family: () => this.family}, changed, () => {});
            field.show(values[one.name]);
            return {level: one.level, element: field.element};
        });
        const of = (/** @type {boolean} */ basic) => made.filter((/** @type {any} */ one) => (one.level === "basic") === basic).map((/** @type {any} */ one) => one.element); // prettier-ignore
        this.fields.replaceChildren(
            h("div", {class: "tt-fields"}, of(true)),
            of(false).length ? h("details", {}, h("summary", {}, t("More settings")), h("div", {class: "tt-fields"}, of(false))) : "", // prettier-ignore
        );
        this.about.textContent = t(TOOL_ABOUTS[name]);
        this.extra.show(name);
        this.target.offer(name !== "extract"); // a LoRA beside a checkpoint would be taken for one
        unsay(this.done);
        this.settle();
    }

    /** Whether it can begin, and what the new file would be called. */
    settle() {
        this.start.disabled = !this.file && this.now !== "extract";
        this.tried.hidden = this.now !== "blocks";
        this.base.show(this.now, this.extra.filesOf(this.now, this.file));
        this.suggest();
    }

    /** What is worked with. @param {string} file @param {string} family of base models, "" while nobody knows */
    take(file, family) {
        if (family && family !== this.family) [(this.family = family), this.choose(this.now)];
        this.file = file;
        this.settle();
    }

    suggest() {
        this.target.suggest(stemOf(this.extra.named(this.now, this.file)), TOOL_ENDS.get(this.now) || "new");
    }

    /** @param {Event} event */
    async begin(event) {
        event.preventDefault();
        if (this.start.disabled) return;
        const of = here(),
            more = this.extra.wish(this.now, this.file, this.values[this.now]),
            wish = {...more, ...this.base.wish(), place: this.target.place, name: this.target.name.value};
        this.start.disabled = true;
        unsay(this.done);
        const work = await carryOutTool(of, this.now, wish).catch(() => null);
        mark([], this.form);
        const wrong = !work || work.error;
        if (wrong) this.refuse(work);
        if (wrong && wrong.code === "busy") await this.recall(); // another window began it
        if (!wrong) await this.progress.follow(of, work);
        this.settle();
    }

    /** Pictures with the weights of the blocks, before they are baked in. */
    async tryWeights() {
        const weights = `${this.values.blocks.weights || ""}`.trim(),
            preview = {preview_block_weights: weights ? ["ALL", weights] : [], preview_weights: [1]};
        const settings = {...answered()?.values, ...preview};
        unsay(this.done);
        const found = await begin("preview", here(), {checkpoints: [this.file], settings, ...turn()}).catch(() => null);
        mark([], this.form);
        if (!found || found.error) this.refuse(found);
        poll();
    }

    /** Say why something was not done, or could not be ended, and mark the fields that it lies at. @param {any} found */
    refuse(found) {
        const problems = (found && found.error && found.error.problems) || [];
        mark(problems.map((/** @type {any} */ one) => ({...one, setting: `tool_${one.setting.replace("preview_block_weights", "weights")}`})), this.form); // prettier-ignore
        this.done.classList.add("tt-refused");
        this.done.replaceChildren(whyNot(found));
    }

    /** What goes on, or was done last in this version. */
    recall = () => this.progress.recall();
}
