// @ts-check
// A picture that fades into the next one, or is wiped against another: a few images above each other, of which opacity and
// clipping change alone, so that nothing is laid out while somebody drags.
import {previewUrl, thumbUrl} from "./api.mjs";
import {scaledUrl} from "./compare_api.mjs";
import {h} from "./dom.mjs";

const MOST = 7, // images that are kept
    WHOLE_FROM = 640; // px of the frame above which the file itself is shown

/** @typedef {{element: any, path: string, url: string, isReady: boolean}} Layer */
/** @typedef {{lower: string, upper: string, part: number, divide: number | null}} Wanted two pictures above each other: ``part``
 * of the upper one shines through; with ``divide`` it begins at this share of the width */

export class Fader {
    /** @type {Map<string, Layer>} those asked for last are the last */
    layers = new Map();
    /** @type {Layer | null} what stands below while the next one is on its way */
    below = null;
    /** @type {Wanted} */
    wanted = {lower: "", upper: "", part: 0, divide: null};

    /** @param {any} box to put images into @param {() => void} [changed] called when an image came that is shown */
    constructor(box, changed = () => {}) {
        this.box = box;
        this.changed = changed;
    }

    /** Load small images of these paths, before they are needed. @param {string[]} paths */
    expect(paths) {
        for (const path of paths) if (path) this.layer(path);
    }

    /** Load them as large as the frame. @param {string[]} paths @param {number} side px of the frame on the screen */
    sharpen(paths, side) {
        for (const path of paths.filter(Boolean)) {
            const layer = this.layer(path),
                url = side > WHOLE_FROM ? previewUrl(path) : scaledUrl(path, WHOLE_FROM);
            if (layer.url === url || layer.url === previewUrl(path)) continue;
            layer.url = url;
            const image = new Image();
            image.src = url;
            decoded(image, () => layer.url === url && this.layers.get(path) === layer && this.became(layer, image));
        }
    }

    /** @param {Layer} layer @param {HTMLImageElement} image */
    became(layer, image) {
        image.alt = "";
        image.style.cssText = layer.element.style.cssText;
        layer.element.replaceWith(image);
        layer.element = image;
        this.ready(layer);
    }

    /** @param {string} path @returns {Layer} */
    layer(path) {
        const known = this.layers.get(path),
            layer = known || this.made(path);
        this.layers.delete(path);
        this.layers.set(path, layer);
        return layer;
    }

    /** Takes the image that was not asked for for the longest time, once there are enough: none is added while somebody drags.
     * @param {string} path @returns {Layer} */
    made(path) {
        const element =
                this.layers.size < MOST ? this.box.appendChild(h("img", {alt: "", decoding: "async"})) : this.freed(),
            layer = {element, path, url: "", isReady: false};
        element.style.visibility = "hidden";
        element.src = thumbUrl(path);
        decoded(element, () => this.layers.get(path) === layer && this.ready(layer));
        return layer;
    }

    /** The element of a layer that is not shown. */
    freed() {
        for (const [path, {element}] of this.layers) {
            if (path === this.below?.path || path === this.wanted.lower || path === this.wanted.upper) continue;
            this.layers.delete(path);
            return element;
        }
    }

    /** @param {Layer} layer */
    ready(layer) {
        layer.isReady = true;
        if (layer.path === this.wanted.lower || layer.path === this.wanted.upper) this.paint(this.wanted);
        this.changed();
    }

    /** @param {Wanted} wanted */
    paint(wanted) {
        this.wanted = wanted;
        const {lower, upper, part, divide} = wanted,
            first = lower ? this.layer(lower) : null,
            second = upper && upper !== lower ? this.layer(upper) : null;
        if (!first || first.isReady) this.below = first;
        for (const layer of this.layers.values()) {
            const isUpper = layer === second && layer.isReady && layer !== this.below,
                shines = layer === this.below ? 1 : isUpper ? (divide === null ? part : 1) : 0,
                {style} = layer.element;
            style.opacity = String(shines);
            style.visibility = shines ? "" : "hidden";
            style.zIndex = isUpper ? "2" : layer === this.below ? "1" : "0";
            style.clipPath = isUpper && divide !== null ? `inset(0 0 0 ${100 * divide}%)` : "";
        }
    }
}

/** @param {HTMLImageElement} image @param {() => any} done not called where it cannot be shown */
const decoded = (image, done) => image.decode().then(done, () => {});
