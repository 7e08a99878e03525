// @ts-check
// A mask that is painted, as the list of what was done: so each step is taken back, and done again. On its canvas the
// opacity is what is left out of learning.

/** @typedef {{width: number, height: number}} Size pixels of the canvas */
/** @typedef {{kind: "stroke", points: number[][], size: number, learned: boolean}} Stroke */
/** @typedef {{kind: "box", from: number[], to: number[], learned: boolean}} Box */
/** @typedef {Stroke | Box | {kind: "fill", learned: boolean} | {kind: "invert"} | {kind: "image", image: any}} Step
 * what is ``learned`` loses its veil; an image has its veil already */

export const VEIL = [225, 29, 72]; // red, green, blue
const MOST = 2 ** 22; // pixels of a canvas
const RGB = `rgb(${VEIL.join()})`;

/** A canvas of the picture's own proportions. @param {Size} picture @returns {Size} */
export function canvasSize({width, height}) {
    const scale = Math.min(1, Math.sqrt(MOST / (width * height)));
    return {width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale))};
}

export class Painting {
    /** @param {Step[]} steps that it begins with */
    constructor(steps) {
        this.steps = steps;
        this.begun = steps.length;
        /** @type {Step[]} */
        this.taken = [];
        this.kept = this.last;
    }

    get last() {
        return this.steps[this.steps.length - 1];
    }

    /** Whether it is not as it was kept. */
    get changed() {
        return this.last !== this.kept;
    }

    /** @param {Step} step */
    add(step) {
        this.steps.push(step);
        this.taken = [];
    }

    /** @returns {boolean} whether there was something to take back */
    undo() {
        if (this.steps.length <= this.begun) return false;
        this.taken.push(/** @type {Step} */ (this.steps.pop()));
        return true;
    }

    /** @returns {boolean} whether there was something to do again */
    redo() {
        const step = this.taken.pop();
        if (step) this.steps.push(step);
        return Boolean(step);
    }

    keep() {
        this.kept = this.last;
    }
}

/** Lines from each point to the next. @param {CanvasRenderingContext2D} context @param {number[][]} points
 * @param {number} size pixels across */
function line(context, points, size) {
    Object.assign(context, {lineWidth: size, lineCap: "round", lineJoin: "round", strokeStyle: RGB});
    context.beginPath();
    context.moveTo(points[0][0], points[0][1]);
    for (const [x, y] of points) context.lineTo(x, y);
    context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {Step} step @param {Size} size */
export function draw(context, step, {width, height}) {
    const learned = "learned" in step && step.learned;
    context.globalCompositeOperation = learned
        ? "destination-out"
        : step.kind === "invert"
          ? "source-out"
          : "source-over";
    context.fillStyle = RGB;
    if (step.kind === "stroke") line(context, step.points, step.size);
    else if (step.kind === "box") {
        const [[x, y], [toX, toY]] = [step.from, step.to];
        context.fillRect(Math.min(x, toX), Math.min(y, toY), Math.abs(toX - x), Math.abs(toY - y));
    } else if (step.kind === "image") {
        context.clearRect(0, 0, width, height);
        context.drawImage(step.image, 0, 0, width, height);
    } else context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "source-over";
}

/** @param {CanvasRenderingContext2D} context @param {Step[]} steps @param {Size} size */
export function drawAll(context, steps, size) {
    context.clearRect(0, 0, size.width, size.height);
    for (const step of steps) draw(context, step, size);
}

/** Pixels of a mask, in place: the darker and the clearer, the more veil. @param {Uint8ClampedArray} pixels RGBA */
export function veiled(pixels) {
    for (let at = 0; at < pixels.length; at += 4) {
        const grey = 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2]; // ITU-R 601-2
        pixels[at + 3] = 255 - (grey * pixels[at + 3]) / 255;
        [pixels[at], pixels[at + 1], pixels[at + 2]] = VEIL;
    }
}

/** The share that is learned. @param {Uint8ClampedArray} pixels RGBA of the veil */
export function learnedShare(pixels) {
    let veil = 0;
    for (let at = 3; at < pixels.length; at += 4) veil += pixels[at];
    return 1 - (4 * veil) / (255 * pixels.length);
}
