// @ts-check
// Numbers for the blocks of a U-Net as a row of sliders, drawn as the U-Net is: down, middle, up.
import {depthOf, numbersOf, presetText, sidesOf, withNumber} from "./block_numbers.mjs";
import {h} from "./dom.mjs";
import {numberText} from "./values.mjs";
import {t, told} from "./words.mjs";

/** @type {Record<string, string>} numbers that are drawn, not typed by name */
const SHAPES = {ones: "ones", zeros: "zeros", down: "down", middle: "middle", up: "up"};

/** @typedef {{names: string[], presets: Record<string, number[]>, base: number, slider: [number, number, number], written: boolean}} Row
 * names of the blocks in the order of the list, "" where none is to be seen; see ``BlockRow`` for the others */

/** Sliders beside a text that somebody types: both stay in step. */
export class Blocks {
    /**
     * @param {string} label what the numbers are
     * @param {() => Row} rowNow blocks may become others with another base model
     * @param {(text: string) => void} changed
     */
    constructor(label, rowNow, changed) {
        this.label = label;
        this.rowNow = rowNow;
        this.changed = changed;
        this.row = rowNow();
        this.drawn = "";
        /** @type {number[] | null} what the text stands for; null for nothing that sliders can show */
        this.numbers = null;
        /** @type {{place: number, box: any, says: any}[]} */
        this.sliders = [];
        this.presets = h("span", {class: "tt-chips"});
        const keydown = (/** @type {KeyboardEvent} */ event) => this.turn(event);
        this.sides = h("div", {class: "tt-block-sides", role: "group", "aria-label": label, keydown});
        this.element = h("div", {class: "tt-blocks"}, this.presets, this.sides);
    }

    /** Follow the text. @param {string} text */
    show(text) {
        this.row = this.rowNow();
        const {names, base, written, presets} = this.row;
        if (this.drawn !== names.join()) this.draw();
        this.numbers = numbersOf(text, names.length, base, written ? presets : {});
        for (const {place, box, says} of this.sliders) {
            box.disabled = !this.numbers;
            box.value = String(this.numbers ? this.numbers[place] : base);
            says.textContent = this.numbers ? numberText(Number(this.numbers[place].toFixed(2))) : "";
        }
    }

    draw() {
        this.drawn = this.row.names.join();
        this.sliders = [];
        this.presets.replaceChildren(...Object.keys(this.row.presets).map((name) => this.presetElement(name)));
        this.sides.replaceChildren(...sidesOf(this.row.names).map((side) => this.sideElement(side)));
        if (this.sliders.length) this.sliders[0].box.tabIndex = 0;
    }

    /** @param {string} name */
    presetElement(name) {
        const words = this.row.written ? name : t(SHAPES[name]); // what can be typed stays as it is
        const click = () => this.changed(presetText(this.row.presets[name], this.row.base, this.row.slider[2]));
        return h("button", {class: "tt-chip", type: "button", translate: this.row.written && "no", "aria-label": told(this.label, words), click}, words); // prettier-ignore
    }

    /** @param {ReturnType<typeof sidesOf>[0]} side */
    sideElement({side, blocks}) {
        const columns = blocks.map(({name, place}, at) => {
            const style = `--depth: ${depthOf(side, at, blocks.length).toFixed(2)}`;
            return h("div", {class: "tt-block", style}, this.columnElements(name, place, name.slice(side.length)));
        });
        return h("div", {class: "tt-block-side", translate: "no"}, h("span", {}, side), columns);
    }

    /** @param {string} name @param {number} place @param {string} number of the block on its side */
    columnElements(name, place, number) {
        const [min, max, step] = this.row.slider;
        const says = h("output"),
            facts = {type: "range", min, max, step, tabindex: "-1", "aria-orientation": "vertical"};
        const input = () => this.numbers && this.changed(withNumber(this.numbers, place, Number(box.value)));
        const box = h("input", {...facts, "aria-label": told(this.label, name), input});
        this.sliders.push({place, box, says});
        return [says, box, h("span", {}, number)];
    }

    /** Left and right go from block to block, up and down change a number. @param {KeyboardEvent} event */
    turn(event) {
        const way = {ArrowLeft: -1, ArrowRight: 1}[event.key],
            at = this.sliders.findIndex(({box}) => box === event.target);
        if (!way || at < 0) return;
        event.preventDefault();
        const next = this.sliders[at + way];
        if (!next) return;
        this.sliders[at].box.tabIndex = -1;
        next.box.tabIndex = 0;
        next.box.focus();
    }
}

/** What a setting's declaration says of its blocks, for a family of base models. @param {any} blocks
 * @param {string} family @param {(name: string) => any} valueOf a setting's value @returns {Row} */
export function rowOf(blocks, family, valueOf) {
    const {names, presets, base, otherwise, slider, written} = blocks,
        known = family in names ? family : Object.keys(names)[0];
    const usual = (base && Number(valueOf(base))) || otherwise;
    return {names: names[known], presets: presets[known], base: usual, slider, written};
}
