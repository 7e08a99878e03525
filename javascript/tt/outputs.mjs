// @ts-check
// Pictures that the WebUI made and keeps, to choose from: by day, newest first.
import * as api from "./api.mjs";
import {h} from "./dom.mjs";
import {doneElement, sayDone, unsay} from "./done.mjs";
import {Into} from "./into.mjs";
import {choiceElement} from "./labelled.mjs";
import {findPlaces} from "./places.mjs";
import {follow} from "./running.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";

const PART = 60,
    SIDE = 192;

/** The dialog, with what is chosen. */
class Outputs {
    constructor() {
        /** @type {Set<string>} */
        this.chosen = new Set();
        this.day = "";
        this.asked = this.shown = 0;
        this.into = new Into();
        this.days = h("div", {class: "tt-days"});
        this.tiles = h("div", {class: "tt-output-tiles", role: "group", "aria-label": t("Pictures of the WebUI")});
        this.more = h("button", {class: "tt-button", type: "button", hidden: true, click: () => this.look(true)}, t("Show more")); // prettier-ignore
        this.done = doneElement();
        this.add = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-outputs", disabled: true});
    }

    open() {
        const form = h("form", {id: "tt-outputs", submit: (/** @type {Event} */ event) => this.take(event)});
        form.append(this.days, this.tiles, this.more, this.into.element);
        const cancel = h("button", {class: "tt-button", type: "button", click: () => this.box.close()}, t("Cancel"));
        this.box = openWork({
            name: "outputs",
            title: t("From the WebUI's outputs"),
            about: t("They are copied; the prompt of each becomes its caption, without weights and LoRAs."),
            inside: form,
            acts: [this.add, cancel, this.done],
        });
        this.label();
        this.look();
    }

    /** Show the day's pictures. @param {boolean} [further] behind those that are shown */
    async look(further = false) {
        const number = ++this.asked,
            offset = further ? this.shown : 0;
        const found = await api
            .ask("GET", `outputs?${api.query({day: this.day, offset, limit: PART})}`)
            .catch(() => null);
        if (number !== this.asked) return;
        if (!found || found.error) return this.refuse(found);
        const tiles = found.pictures.map((/** @type {any} */ one) => this.tile(one));
        if (further) this.tiles.append(...tiles);
        else this.tiles.replaceChildren(...tiles);
        this.shown = offset + tiles.length;
        this.more.hidden = this.shown >= found.total;
        if (!further) this.showDays(found);
        if (further && tiles.length) tiles[0].firstElementChild.focus();
    }

    /** @param {any} found */
    showDays({days, total}) {
        const all = days.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.pictures, 0);
        const options = days.map((/** @type {any} */ one) => [one.day, `${one.day} (${one.pictures})`]);
        const choice = choiceElement(t("Day"), [["", fill(t("all days ({})"), all)], ...options], this.day, (day) => {
            this.day = day;
            this.look();
        });
        const whole = h("button", {class: "tt-button", type: "button", click: () => this.all()}, t("Choose all shown"));
        if (!total) this.tiles.replaceChildren(h("p", {}, t("There are none yet: generate pictures first.")));
        const held = this.days.contains(document.activeElement);
        this.days.replaceChildren(choice, whole);
        if (held) choice.querySelector("select").focus();
    }

    /** @param {{path: string, name: string, day: string}} one */
    tile({path, name, day}) {
        const title = `${name}, ${day}`;
        const picks = (/** @type {any} */ event) => {
            this.chosen[event.target.checked ? "add" : "delete"](path);
            this.label();
        };
        return h(
            "label",
            {class: "tt-output", title},
            h("input", {
                type: "checkbox",
                "aria-label": title,
                value: path,
                checked: this.chosen.has(path),
                change: picks,
            }),
            h("img", {alt: "", loading: "lazy", src: api.routeUrl(`outputs/image?${api.query({path, size: SIDE})}`)}),
        );
    }

    all() {
        for (const box of this.tiles.querySelectorAll("input")) {
            box.checked = true;
            this.chosen.add(box.value);
        }
        this.label();
    }

    label() {
        const count = this.chosen.size;
        this.add.disabled = !count;
        this.add.textContent = count
            ? fill(t(count === 1 ? "Add {} picture" : "Add {} pictures"), count)
            : t("Add pictures");
    }

    /** @param {any} found an error; null without an answer */
    refuse(found) {
        sayDone(this.done, found && {error: found.error});
        this.label();
    }

    /** @param {Event} event */
    async take(event) {
        event.preventDefault();
        this.add.disabled = true;
        unsay(this.done);
        const {of, name, repeats, error} = await this.into.settled();
        if (error) return this.refuse({error});
        const wish = {paths: [...this.chosen], name, repeats};
        const found = await api.ask("POST", api.below(of, "imports", "outputs"), wish).catch(() => null);
        if (!found || found.error) return this.refuse(found);
        this.box.close();
        await findPlaces(of);
        follow(found, true);
    }
}

export const openOutputs = () => new Outputs().open();
