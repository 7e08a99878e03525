// @ts-check
// The mask of a picture is painted: what is learned of it, and what is left out.
import {picture} from "./api.mjs";
import {brush, Brushing} from "./brushing.mjs";
import {detectorName, detectorOf} from "./detector.mjs";
import {h} from "./dom.mjs";
import {sayDone} from "./done.mjs";
import {brushElement, buttonElement, sourceElement} from "./mask_tools.mjs";
import {makeMasks, maskUrl, paintMask} from "./retouch.mjs";
import {Studio} from "./studio.mjs";
import {Veil} from "./veil.mjs";
import {fill, t} from "./words.mjs";

const MASK_HELP =
    "What lies under the veil is left out of learning. A mask saves itself when you go on or close. The right mouse button does the opposite. Keys: B brush, R rectangle, E learned or left out, [ and ] size, I invert, Ctrl+Z back; arrows move the brush, Space paints.";
const LARGER = 1.25; // by which [ and ] change the brush
const NOT_READABLE = "This file is no picture that a browser can read; save it as PNG.";
const NOTHING_LEARNED =
    "Nothing of the picture would be learned: paint what is to be learned, or take the picture out.";

class Mask {
    /** @param {any} p the picture @param {Studio} studio */
    constructor(p, studio) {
        this.p = p;
        this.studio = studio;
        this.wish = {source: p.transparent ? "alpha" : "detector", detector: detectorOf("face")};
        this.share = h("p", {class: "tt-fine", role: "status"});
        this.veil = new Veil(p, () => this.changed());
        this.brushing = new Brushing(this.veil);
        this.tools = h("div");
        this.remove = buttonElement(t("Remove the mask"), () => this.make({source: "none"}));
        this.redrawTools();
        this.changed();
        if (p.masked) this.load();
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

    /** Show the mask that there is. */
    async load() {
        const answer = await fetch(maskUrl(this.studio.of, this.p.id)).catch(() => null);
        if (answer && answer.ok) this.veil.begin(await this.veil.stepOf(await answer.blob()));
    }

    /** @param {File} file */
    async take(file) {
        const step = await this.veil.stepOf(file).catch(() => null);
        if (step) this.veil.add(step);
        else sayDone(this.studio.done, {error: {message: t(NOT_READABLE)}});
    }

    made() {
        const {source, detector} = this.wish;
        return source === "detector" ? {source, detector: detectorName(detector)} : {source};
    }

    /** Have the server make it. @param {Record<string, any>} wish */
    async make(wish) {
        const {of, done} = this.studio,
            found = await makeMasks(of, {...wish, ids: [this.p.id]}).catch(() => null);
        if (!sayDone(done, found)) return;
        const now = await picture(of, this.p.id).catch(() => null);
        if (!now || now.error) return;
        this.p.masked = now.masked;
        if (now.masked) await this.load();
        else this.veil.begin({kind: "fill", learned: false});
    }

    /** @returns {Promise<boolean>} whether nothing is left to be written */
    async save() {
        const {painting} = this.veil,
            {of, done} = this.studio;
        if (!painting.changed) return true;
        if (this.veil.isEmpty) {
            sayDone(done, {error: {message: t(NOTHING_LEARNED)}});
            return painting.steps.length === 1;
        }
        const kept = painting.last;
        if (!sayDone(done, await paintMask(of, this.p.id, await this.veil.blob()))) return false;
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
        /** @type {Record<string, Partial<typeof brush>>} */
        const changes = {
            b: {tool: "brush"},
            r: {tool: "box"},
            e: {learned: !brush.learned},
            "[": {share: Math.max(0.004, brush.share / LARGER)},
            "]": {share: Math.min(0.3, brush.share * LARGER)},
        };
        if (key === "i") this.veil.add({kind: "invert"});
        else if (key in changes) {
            Object.assign(brush, changes[key]);
            this.redrawTools();
        } else return false;
        return true;
    }
}

/** @param {number} id of the picture @param {number[]} ids of those that it goes on with */
export const openMask = (id, ids) =>
    new Studio("mask-work", t("Mask of {}"), (p, studio) => new Mask(p, studio).act()).open(id, ids);
