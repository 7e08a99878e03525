// @ts-check
// Sheet by axes: what rows, columns and pages differ in is chosen, counted while it is typed, and made.
import {h, within} from "./dom.mjs";
import {doneElement, sayDone, unsay, whyNot} from "./done.mjs";
import {mark, showError} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {keepSettings} from "./settings.mjs";
import {countText} from "./sheetaxes.mjs";
import {Side} from "./sheetside.mjs";
import {beginSheet, sheets} from "./sheets_api.mjs";
import {here} from "./state.mjs";
import {t} from "./words.mjs";
import {openWork} from "./work.mjs";

const LATER_MS = 300; // while somebody types
/** @type {Record<string, string>} */
const SIDES = {rows: "Rows", columns: "Columns", pages: "Pages"};

class SheetByAxes {
    constructor() {
        this.of = here();
        this.asked = this.timer = 0;
        this.count = h("p", {class: "tt-would-change", role: "status"});
        this.done = doneElement();
        this.start = h("button", {class: "tt-button tt-primary", type: "submit", form: "tt-sheet-form", disabled: true}, t("Make the sheet")); // prettier-ignore
        this.form = h("form", {id: "tt-sheet-form", class: "tt-own-marks", submit: (/** @type {Event} */ event) => this.begin(event)}); // prettier-ignore
        /** @type {Record<string, Side>} */
        this.sides = {};
    }

    async open() {
        const found = await sheets(this.of).catch(() => null);
        if (!found || found.error) return void showError(found?.error || null);
        for (const side of Object.keys(SIDES))
            this.sides[side] = new Side(side, t(SIDES[side]), found.axes, () => this.later());
        this.form.append(...Object.values(this.sides).map(({element}) => element), this.count);
        const about = t("Pictures that differ in what you choose; all else is as under Saving and previews."); // prettier-ignore
        const acts = [this.start, h("button", {class: "tt-button", type: "button", click: () => this.box.close()}, t("Close")), this.done]; // prettier-ignore
        this.box = openWork({name: "axes-sheet", title: t("Sheet by axes"), about, inside: this.form, acts, closed: () => clearTimeout(this.timer)}); // prettier-ignore
        this.sides.rows.choose("checkpoint");
        this.sides.columns.choose("weight", "0.5,1");
        this.sides.pages.choose("");
        this.form.querySelector("select").focus();
    }

    later() {
        clearTimeout(this.timer);
        this.start.disabled = true;
        this.timer = window.setTimeout(() => this.look(), LATER_MS);
    }

    /** @param {boolean} dry_run */
    async send(dry_run) {
        await keepSettings();
        const [rows, columns, pages] = Object.values(this.sides).map((side) => side.text);
        return beginSheet(this.of, {rows, columns, pages, dry_run});
    }

    /** Show how many pictures it has. */
    async look() {
        const number = ++this.asked;
        unsay(this.done);
        const found = await this.send(true).catch(() => null);
        if (number !== this.asked) return;
        const isGood = Boolean(found) && !found.error,
            problems = found?.error?.problems || [];
        mark(problems.map((/** @type {any} */ one) => ({...one, setting: `sheet_${one.setting}`})), this.form); // prettier-ignore
        const isMarked = problems.some((/** @type {any} */ one) => one.setting in SIDES);
        this.count.classList.toggle("tt-refused", !isGood);
        this.count.textContent = isGood ? countText(found) : isMarked ? "" : whyNot(found);
        this.start.disabled = !isGood;
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
        poll();
    }
}

document.addEventListener("click", (event) => {
    if (within(event, "[data-sheet-axes]")) new SheetByAxes().open();
});
