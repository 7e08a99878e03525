// @ts-check
// A crop frame on a picture, as numbers: whole pixels of the picture. Nothing here is drawn.

/** @typedef {{x: number, y: number, w: number, h: number}} Frame pixels from the picture's left and top, width, height */
/** @typedef {{width: number, height: number}} Size of the picture, in pixels */
/** @typedef {-1 | 0 | 1} End of an axis: its beginning, its middle, its end */
/** @typedef {{x: End, y: End}} Grip which sides of the frame are moved */

/** Pixels of a side that can be trained on. */
const LEAST = 8;
/** @type {Record<string, [End, End]>} */
const WAYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

/** @param {number} value @param {number} low @param {number} high */
const between = (value, low, high) => Math.max(low, Math.min(value, high));

/** The frame in whole pixels, inside of the picture. @param {Frame} frame @param {Size} size @returns {Frame} */
function settled({x, y, w, h}, {width, height}) {
    const [across, down] = [
        between(Math.round(w), Math.min(LEAST, width), width),
        between(Math.round(h), Math.min(LEAST, height), height),
    ];
    return {
        x: between(Math.round(x), 0, width - across),
        y: between(Math.round(y), 0, height - down),
        w: across,
        h: down,
    };
}

/** @param {Size} size @returns {Frame} */
export const whole = ({width, height}) => ({x: 0, y: 0, w: width, h: height});

/** From shares of the picture: left, top, width, height. @param {number[]} shares @param {Size} size */
export const fromShares = ([left, top, across, down], size) =>
    settled({x: left * size.width, y: top * size.height, w: across * size.width, h: down * size.height}, size);

/** As requests have it: left, top, right and bottom as shares of the picture. @param {Frame} frame @param {Size} size */
export const toBox = ({x, y, w, h}, {width, height}) => [x / width, y / height, (x + w) / width, (y + h) / height];

/** @param {Frame} frame @param {number} dx pixels @param {number} dy pixels @param {Size} size */
export const moved = (frame, dx, dy, size) => settled({...frame, x: frame.x + dx, y: frame.y + dy}, size);

/** How long a side may become; where its middle is held, it grows both ways.
 * @param {number} from @param {number} length @param {number} all @param {End} end */
function roomOf(from, length, all, end) {
    if (end > 0) return all - from;
    return end < 0 ? from + length : 2 * Math.min(from + length / 2, all - from - length / 2);
}

/** Where a side of another length begins. @param {number} from @param {number} before @param {number} now @param {End} end */
const startOf = (from, before, now, end) => (end > 0 ? from : from + (before - now) / (end < 0 ? 1 : 2));

/**
 * The frame with some sides moved: the opposite ones stay, and of a pair that only follows the proportions the middle.
 * @param {Frame} frame
 * @param {Grip} grip
 * @param {number} dx pixels
 * @param {number} dy pixels
 * @param {Size} size
 * @param {number | null} ratio width by height that is held; null is free
 * @returns {Frame}
 */
export function resized({x, y, w, h}, grip, dx, dy, size, ratio) {
    const room = [roomOf(x, w, size.width, grip.x), roomOf(y, h, size.height, grip.y)];
    let [across, down] = [w + grip.x * dx, h + grip.y * dy];
    if (ratio) {
        const wanted = !grip.y ? across : !grip.x ? down * ratio : Math.max(across, down * ratio);
        across = Math.min(Math.max(wanted, LEAST * Math.max(1, ratio)), room[0], room[1] * ratio);
        down = across / ratio;
    } else [across, down] = [Math.min(Math.max(across, LEAST), room[0]), Math.min(Math.max(down, LEAST), room[1])];
    [across, down] = [Math.round(across), Math.round(down)];
    return settled({x: startOf(x, w, across, grip.x), y: startOf(y, h, down, grip.y), w: across, h: down}, size);
}

/** A frame that is drawn from one point to another. @param {number[]} from @param {number[]} to @param {Size} size
 * @param {number | null} ratio */
export function drawn([x, y], [toX, toY], size, ratio) {
    const grip = {x: /** @type {End} */ (toX < x ? -1 : 1), y: /** @type {End} */ (toY < y ? -1 : 1)},
        start = {x: between(x, 0, size.width), y: between(y, 0, size.height), w: 0, h: 0};
    return resized(start, grip, toX - start.x, toY - start.y, size, ratio);
}

/** The smallest frame of these proportions around a frame; a smaller one about its middle where the picture ends.
 * @param {Frame} frame @param {Size} size @param {number | null} ratio */
export function heldTo(frame, size, ratio) {
    if (!ratio) return frame;
    const wide = Math.max(frame.w, frame.h * ratio),
        w = wide * Math.min(1, size.width / wide, (size.height * ratio) / wide),
        h = w / ratio;
    return settled({x: frame.x + (frame.w - w) / 2, y: frame.y + (frame.h - h) / 2, w, h}, size);
}

/**
 * What a key does: arrows move the frame, with Shift its right and lower sides; with Ctrl or Alt by single pixels.
 * @param {Frame} frame
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, altKey: boolean}} event
 * @param {Size} size
 * @param {number | null} ratio
 * @returns {Frame | null} null for another key
 */
export function keyed(frame, event, size, ratio) {
    const way = WAYS[event.key];
    if (!way) return null;
    const far = event.ctrlKey || event.altKey ? 1 : Math.max(1, Math.round(Math.max(size.width, size.height) / 100)),
        [dx, dy] = [way[0] * far, way[1] * far];
    if (!event.shiftKey) return moved(frame, dx, dy, size);
    return resized(frame, {x: dx ? 1 : 0, y: dy ? 1 : 0}, dx, dy, size, ratio);
}

/** With another place, width or height, as somebody types it. @param {Frame} frame @param {Partial<Frame>} change
 * @param {Size} size @param {number | null} ratio */
export function typed(frame, change, size, ratio) {
    const {w = 0, h = 0} = change;
    if (!ratio || (!w && !h)) return settled({...frame, ...change}, size);
    const across = Math.min(w || h * ratio, size.width, size.height * ratio);
    return settled({...frame, w: Math.max(across, LEAST * Math.max(1, ratio)), h: across / ratio}, size);
}

/** Where it stands on the picture, as CSS. @param {Frame} frame @param {Size} size */
export function styleOf({x, y, w, h}, {width, height}) {
    const share = (/** @type {number} */ part, /** @type {number} */ all) => `${((100 * part) / all).toFixed(3)}%`;
    return `left:${share(x, width)};top:${share(y, height)};width:${share(w, width)};height:${share(h, height)}`;
}
