// @ts-check
// The caption of one picture, as chips of its tags or as plain text: always the same caption.
import {saveSoon} from "./caption.mjs";
import {added, itemsOf, lineOf, piecesOf, withLine} from "./chips.mjs";
import {Chips} from "./chipview.mjs";
import {countText, cutAt, cutText, wordsOf} from "./counter.mjs";
import {Counting} from "./tokens.mjs";
import {h} from "./dom.mjs";
import {segmentElement} from "./labelled.mjs";
import {like, liked} from "./liking.mjs";
import {PlainText} from "./plaintext.mjs";
import {valueOf} from "./settings.mjs";
import {Undo} from "./undo.mjs";
import {t} from "./words.mjs";

/** How the settings take captions apart. @returns {import("./chips.mjs").Shape} */
export const shape = () => ({
    separator: String(valueOf("caption_separator") ?? "").trim() || ",",
    mark: String(valueOf("keep_tokens_separator") ?? ""),
});

export class Editor {
    /** @param {{caption: string, prose: boolean}} picture @param {(editor: Editor) => any} acts makes its buttons */
    constructor({caption, prose}, acts) {
        this.prose = prose;
        /** @type {import("./liking.mjs").View} */
        this.view = prose ? "text" : liked();
        this.undo = new Undo();
        this.before = caption;
        /** @type {import("./counter.mjs").Counted | null} */
        this.counted = null;
        this.counting = new Counting((counted, parts) => this.tell(counted, parts));
        this.chips = new Chips({shape, change: (items) => this.take(items), redraw: () => this.redraw()});
        this.plain = new PlainText(caption, shape, () => !this.prose);
        this.tokens = h("output", {class: "tt-tokens"});
        this.cut = h("div", {class: "tt-cut-says tt-warn", role: "status"});
        const box = this.plain.box;
        box.addEventListener("input", () => this.typed());
        box.addEventListener("tt-put", () => this.put());
        box.addEventListener("tt-flush", () => this.view === "tags" && this.chips.flush());
        this.acts = acts(this);
        this.element = h("div", {keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event)});
        this.element.append(this.headElement(), this.chips.element, this.plain.element, this.cut, this.acts);
        this.redraw();
    }

    headElement() {
        const segment = (/** @type {import("./liking.mjs").View} */ view, /** @type {string} */ words) =>
            segmentElement("tt-caption-view", words, this.view === view, () => this.look(view));
        const views = h("span", {class: "tt-segments", role: "radiogroup", "aria-label": t("Show the caption as")}, segment("tags", t("Tags")), segment("text", t("Text"))); // prettier-ignore
        return h("div", {class: "tt-caption-head"}, h("h3", {}, t("Caption")), views, this.tokens);
    }

    shape = shape;

    get text() {
        return this.plain.box.value;
    }

    /** Tags of the caption, without marks. */
    get tags() {
        return itemsOf(lineOf(this.text), {...shape(), mark: ""});
    }

    /** Where the keys belong. */
    focus() {
        (this.view === "text" ? this.plain.box : this.chips.input).focus({preventScroll: true});
    }

    /** @param {import("./liking.mjs").View} view */
    look(view) {
        this.chips.flush();
        this.view = view;
        if (!this.prose) like(view);
        this.redraw();
    }

    /** Other tags. @param {string[]} items */
    take(items) {
        const line = lineOf(this.text);
        this.change(withLine(this.text, piecesOf(items, shape(), line).join("")));
    }

    /** Tags of another picture, those that are not there yet. @param {string[]} tags */
    paste(tags) {
        this.take(added(itemsOf(lineOf(this.text), shape()), tags));
    }

    /** Another caption, which can be taken back. @param {string} text */
    change(text) {
        if (text !== this.text) this.undo.note({caption: this.text}, Date.now(), true);
        this.plain.box.value = this.before = text;
        this.redraw();
        saveSoon();
    }

    takeBack() {
        const step = this.undo.take();
        if (!step) return;
        this.plain.box.value = this.before = step.caption;
        this.redraw();
        saveSoon();
    }

    /** In the text, by keys. */
    typed() {
        this.undo.note({caption: this.before}, Date.now());
        this.before = this.text;
        this.redraw();
    }

    /** By somebody else. */
    put() {
        this.before = this.text;
        this.redraw();
    }

    redraw() {
        const isText = this.view === "text",
            line = lineOf(this.text),
            items = itemsOf(line, shape()),
            parts = isText ? wordsOf(line) : piecesOf(items, shape(), line);
        this.acts.querySelector(".tt-back-caption").disabled = !this.undo.next;
        this.plain.element.hidden = !isText;
        this.chips.element.hidden = isText;
        if (isText) this.plain.show(null, parts);
        else this.chips.show(items, this.counted);
        this.counting.count(parts);
    }

    /** @param {import("./counter.mjs").Counted | null} counted @param {string[]} parts */
    tell(counted, parts) {
        this.counted = counted;
        this.tokens.textContent = counted ? countText(counted) : "";
        this.tokens.classList.toggle("tt-warn", Boolean(counted && cutAt(counted) !== null));
        const says = counted ? cutText(counted, parts) : "";
        if (this.cut.textContent !== says) this.cut.textContent = says;
        if (this.view === "text") this.plain.show(counted, parts);
        else if (!this.chips.isBusy) this.chips.show(this.chips.items, counted);
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const isWriting = /** @type {any} */ (event.target).value; // where the browser's own undo is meant
        if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key !== "z" || isWriting) return;
        event.preventDefault();
        event.stopPropagation();
        this.takeBack();
    }
}
