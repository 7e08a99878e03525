// @ts-check
// A picture is cropped by hand: a new one comes beside it.
import {h} from "./dom.mjs";
import {holdUndo, sayDone} from "./done.mjs";
import {CropFrame} from "./frame.mjs";
import {fromShares, toBox, typed, whole} from "./frame_math.mjs";
import {checkElement, choiceElement, textElement} from "./labelled.mjs";
import {carryOut} from "./running.mjs";
import {Studio} from "./studio.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {import("./frame_math.mjs").Size} Size */

const SHAPES = ["1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9"];
const CROP_HELP =
    "Drag the frame, its sides and corners, or draw a new one. Keys: arrows move it, with Shift they resize it, with Ctrl by single pixels; Enter crops, Page Down goes on, + and - zoom, as the wheel does.";
/** What somebody wanted last; kept for this window. */
const wish = {shape: "bucket", tagged: false, takeOut: false};

/** Width by height that a shape means; null is free. @param {string} shape @param {any} p a picture */
export function ratioOf(shape, p) {
    if (shape === "free") return null;
    if (shape === "bucket") return p.bucket[0] / p.bucket[1];
    if (shape === "picture") return p.width / p.height;
    const [across, down] = shape.split(":").map(Number);
    return across / down;
}

/** What training does with a frame of this size. @param {{w: number, h: number}} frame @param {number[]} bucket */
export function enlargedText({w, h: tall}, bucket) {
    const times = Math.sqrt((bucket[0] * bucket[1]) / (w * tall));
    return times > 1.005
        ? fill(t("Small: training would enlarge it {} times."), times.toFixed(times < 10 ? 2 : 0))
        : "";
}

class Crop {
    /** @param {any} p the picture @param {Studio} studio */
    constructor(p, studio) {
        this.p = p;
        this.studio = studio;
        const start = p.crop ? fromShares(p.crop, p) : whole(p);
        this.hint = h("p", {class: "tt-warn", role: "status"});
        this.fields = ["w", "h", "x", "y"].map((side) => this.field(/** @type {"w"} */ (side)));
        this.frame = new CropFrame(p, start, ratioOf(wish.shape, p), () => this.changed());
        this.button = h("button", {class: "tt-button tt-primary", type: "button", click: () => this.crop()}, t("Crop"));
        this.changed();
    }

    act() {
        const takeOut = checkElement(t("Take the original out"), wish.takeOut, (now) => (wish.takeOut = now)),
            tagged = checkElement(t("Tag the new one as cropped"), wish.tagged, (now) => (wish.tagged = now));
        return {
            over: this.frame.element,
            side: [this.shapes(), h("div", {class: "tt-numbers"}, this.fields), this.hint, takeOut, tagged, this.button, h("p", {class: "tt-fine"}, t(CROP_HELP))], // prettier-ignore
            starts: this.frame.box,
            onKey: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
        };
    }

    shapes() {
        const {bucket} = this.p;
        /** @type {[string, string][]} */
        const shapes = [
            ["bucket", fill(t("Of its bucket, {}"), bucket.join(" × "))],
            ["free", t("Free")],
            ["picture", t("Of the picture")],
            ...SHAPES.map((shape) => /** @type {[string, string]} */ ([shape, shape])),
        ];
        return choiceElement(t("Proportions"), shapes, wish.shape, (shape) => {
            wish.shape = shape;
            this.frame.hold(ratioOf(shape, this.p));
        });
    }

    /** @param {"w" | "h" | "x" | "y"} side */
    field(side) {
        const words = {w: t("Width"), h: t("Height"), x: t("From the left"), y: t("From the top")}[side],
            taken = (/** @type {string} */ value) => Number(value) > (side < "w" ? 0 : -1) && this.typed(side, value);
        return textElement(words, "", () => {}, {type: "number", min: 0, "data-side": side, change: (/** @type {any} */ event) => taken(event.target.value)}); // prettier-ignore
    }

    /** @param {"w" | "h" | "x" | "y"} side @param {string} value */
    typed(side, value) {
        this.frame.set(typed(this.frame.frame, {[side]: Number(value)}, this.p, this.frame.ratio));
    }

    changed() {
        if (!this.frame) return;
        const {frame} = this.frame;
        for (const field of this.fields) {
            const input = field.querySelector("input");
            input.value = frame[/** @type {"w"} */ (input.dataset.side)];
        }
        const says = enlargedText(frame, this.p.bucket);
        if (this.hint.textContent !== says) this.hint.textContent = says;
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        if (event.key !== "Enter" || event.target !== this.frame.box) return false;
        this.crop();
        return true;
    }

    async crop() {
        if (this.button.disabled) return;
        this.button.disabled = true;
        const {done} = this.studio,
            {tagged, takeOut} = wish,
            box = toBox(this.frame.frame, this.p);
        const made = sayDone(done, await carryOut("crop", {ids: [this.p.id], box, tagged, take_out: takeOut}));
        this.button.disabled = made && takeOut; // there is nothing left to crop
        if (!made || !takeOut) return;
        if (this.studio.has(1)) await this.studio.turn(1);
        else holdUndo(done);
    }
}

/** @param {number} id of the picture @param {number[]} ids of those that it goes on with
 * @param {boolean} [replaces] whether crops take the place of the originals */
export function openCrop(id, ids, replaces = wish.takeOut) {
    wish.takeOut = replaces;
    return new Studio("crop-work", t("Crop {}"), (p, studio) => new Crop(p, studio).act()).open(id, ids);
}
