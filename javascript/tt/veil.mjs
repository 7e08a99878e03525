// @ts-check
// The canvas of a mask: what is left out of learning lies under a veil.
import {h} from "./dom.mjs";
import {canvasSize, draw, drawAll, learnedShare, Painting, veiled} from "./painting.mjs";

const GLANCE = 96; // pixels of a side in which is counted how much is learned

/** @param {import("./painting.mjs").Size} size @returns {[any, CanvasRenderingContext2D]} */
function canvasOf(size) {
    const canvas = h("canvas", {...size});
    return [canvas, canvas.getContext("2d")];
}

export class Veil {
    /** @param {import("./painting.mjs").Size} picture in pixels @param {() => void} changed is called after each step */
    constructor(picture, changed) {
        this.size = canvasSize(picture);
        this.changed = changed;
        const [canvas, context] = canvasOf(this.size);
        this.canvas = canvas;
        this.context = context;
        this.painting = new Painting([]);
        this.begin({kind: "fill", learned: false});
    }

    /** @param {import("./painting.mjs").Step} step that nothing is taken back behind */
    begin(step) {
        this.painting = new Painting([step]);
        this.redraw();
    }

    redraw() {
        drawAll(this.context, this.painting.steps, this.size);
        this.changed();
    }

    /** @param {import("./painting.mjs").Step} step @param {boolean} [isDrawn] */
    add(step, isDrawn = false) {
        this.painting.add(step);
        if (!isDrawn) draw(this.context, step, this.size);
        this.changed();
    }

    /** As it is kept elsewhere now. @param {import("./painting.mjs").Step} step */
    show(step) {
        this.add(step);
        this.painting.kept = step;
    }

    undo() {
        if (this.painting.undo()) this.redraw();
    }

    redo() {
        if (this.painting.redo()) this.redraw();
    }

    /** A mask file as a step. @param {Blob} file @returns {Promise<import("./painting.mjs").Step>} */
    async stepOf(file) {
        const [image, context] = canvasOf(this.size),
            {width, height} = this.size,
            bitmap = await createImageBitmap(file);
        context.drawImage(bitmap, 0, 0, width, height);
        const data = context.getImageData(0, 0, width, height);
        veiled(data.data);
        context.putImageData(data, 0, 0);
        return {kind: "image", image};
    }

    /** The share that is learned, 0 to 1; about. */
    get share() {
        const small = {width: GLANCE, height: GLANCE},
            [, context] = canvasOf(small);
        context.imageSmoothingQuality = "high";
        context.drawImage(this.canvas, 0, 0, GLANCE, GLANCE);
        return learnedShare(context.getImageData(0, 0, GLANCE, GLANCE).data);
    }

    /** Whether nothing at all is learned. */
    get isEmpty() {
        return learnedShare(this.context.getImageData(0, 0, this.size.width, this.size.height).data) === 0;
    }

    /** As a grey PNG: white is learned. @returns {Promise<Blob>} */
    blob() {
        const [canvas, context] = canvasOf(this.size),
            {width, height} = this.size;
        context.drawImage(this.canvas, 0, 0);
        context.globalCompositeOperation = "source-in";
        context.fillStyle = "#000";
        context.fillRect(0, 0, width, height);
        context.globalCompositeOperation = "destination-over";
        context.fillStyle = "#fff";
        context.fillRect(0, 0, width, height);
        return new Promise((made) => canvas.toBlob(made, "image/png"));
    }
}
