// @ts-check
// The mask of a picture is painted: what is learned of it, and what is left out.
import {Brushing} from "./brushing.mjs";
import {detectorName, detectorOf} from "./detector.mjs";
import {h} from "./dom.mjs";
import {sayDone} from "./done.mjs";
import {brushElement, brushKey, buttonElement, sourceElement} from "./mask_tools.mjs";
import {maskOf, paintMask} from "./retouch.mjs";
import {carryOut} from "./running.mjs";
import {on} from "./state.mjs";
import {Studio} from "./studio.mjs";
import {Veil} from "./veil.mjs";
import {fill, t} from "./words.mjs";

const MASK_HELP =
    "What lies under the veil is left out of learning. A mask saves itself when you go on or close. The right mouse button does the opposite. Keys: B brush, R rectangle, E learned or left out, [ and ] size, I invert, Ctrl+Z back, Ctrl+Y again; arrows move the brush, Space paints; + and - zoom, as the wheel does.";
const NOT_READABLE = "This file is no picture that a browser can read; save it as PNG.";
const NOTHING_LEARNED =
    "Nothing of the picture would be learned: paint what is to be learned, or take the picture out.";

/** @type {Mask | null} the last that was opened */
let shown = null;

class Mask {
    /** @param {any} p the picture @param {Studio} studio */
    constructor(p, studio) {
        this.p = p;
        this.studio = studio;
        this.isOwn = false;
        this.wish = {source: p.transparent ? "alpha" : "detector", detector: detectorOf("face")};
        this.share = h("p", {class: "tt-fine", role: "status"});
        this.veil = new Veil(p, () => this.changed());
        this.brushing = new Brushing(this.veil);
        this.tools = h("div");
        this.remove = buttonElement(t("Remove the mask"), () => this.make({source: "none"}));
        this.redrawTools();
        this.changed();
        if (p.masked) this.load();
        shown = this;
    }

    act() {
        const {veil} = this,
            back = [buttonElement(t("Undo"), () => veil.undo()), buttonElement(t("Redo"), () => veil.redo())],
            whole = [
                buttonElement(t("Invert"), () => veil.add({kind: "invert"})),
                buttonElement(t("All"), () => veil.add({kind: "fill", learned: true})),
                buttonElement(t("Nothing"), () => veil.add({kind: "fill", learned: false})),
            ];
        return {
            over: this.brushing.element,
            side: [
                this.tools,
                h("div", {class: "tt-acts"}, back),
                h("div", {class: "tt-acts"}, whole),
                this.share,
                sourceElement(this.wish, (file) => (file ? this.take(file) : this.make(this.made()))),
                h("div", {class: "tt-acts"}, buttonElement(t("Save the mask"), () => this.save(), {class: "tt-button tt-primary"}), this.remove), // prettier-ignore
                h("p", {class: "tt-fine"}, t(MASK_HELP)),
            ],
            starts: this.brushing.element,
            onKey: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
            leaves: () => this.save(),
        };
    }

    redrawTools() {
        this.tools.replaceChildren(brushElement(() => this.brushing.look()));
        this.brushing.look();
    }

    changed() {
        if (!this.tools) return; // nothing is shown yet
        this.remove.hidden = !this.p.masked;
        this.share.textContent = fill(t("Learned: {} % of the picture"), Math.round(100 * this.veil.share));
    }

    /** Show the mask that there is now. */
    async load() {
        const file = await maskOf(this.studio.of, this.p.id);
        this.p.masked = Boolean(file);
        this.veil.show(file ? await this.veil.stepOf(file) : {kind: "fill", learned: false});
    }

    /** Say what came of something that is shown here already. @param {any} found */
    say(found) {
        this.isOwn = true;
        const done = sayDone(this.studio.done, found);
        this.isOwn = false;
        return done;
    }

    /** @param {File} file */
    async take(file) {
        const step = await this.veil.stepOf(file).catch(() => null);
        if (step) this.veil.add(step);
        else this.say({error: {message: t(NOT_READABLE)}});
    }

    made() {
        const {source, detector} = this.wish;
        return source === "detector" ? {source, detector: detectorName(detector)} : {source};
    }

    /** Have the server make it. @param {Record<string, any>} wish */
    async make(wish) {
        if (this.say(await carryOut("masks", {...wish, ids: [this.p.id]}))) await this.load();
    }

    /** @returns {Promise<boolean>} whether another picture may come now */
    async save() {
        const {painting} = this.veil,
            kept = painting.last;
        if (!painting.changed) return true;
        if (this.veil.isEmpty) {
            this.say({error: {message: t(NOTHING_LEARNED)}});
            return true;
        }
        if (!this.say(await paintMask(this.studio.of, this.p.id, await this.veil.blob()))) return false;
        painting.kept = kept;
        this.p.masked = true;
        this.changed();
        return true;
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const key = event.key.toLowerCase();
        if (event.ctrlKey || event.metaKey) {
            if (key !== "z" && key !== "y") return false;
            if (key === "y" || event.shiftKey) this.veil.redo();
            else this.veil.undo();
            return true;
        }
        if (key === "i") this.veil.add({kind: "invert"});
        else if (brushKey(key)) this.redrawTools();
        else return false;
        return true;
    }
}

/** Somebody took an edit back. */
on("edited", () => {
    if (shown && !shown.isOwn && shown.brushing.element.isConnected) shown.load();
});

/** @param {number} id of the picture @param {number[]} ids of those that it goes on with */
export const openMask = (id, ids) =>
    new Studio("mask-work", t("Mask of {}"), (p, studio) => new Mask(p, studio).act()).open(id, ids);
