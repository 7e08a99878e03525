// @ts-check
// A number for each block, as a text with commas and as sliders.
import {numberText} from "./values.mjs";

/** @typedef {Record<string, number[]>} Presets numbers by name, as multiples of a base */

/**
 * The numbers that a text stands for; null where it stands for none, or for another count.
 * @param {string} text numbers with commas between them, nothing, or one of the names with an addition such as +0.25
 * @param {number} count
 * @param {number} base what each is where nothing stands
 * @param {Presets} named
 * @returns {number[] | null}
 */
export function numbersOf(text, count, base, named = {}) {
    const whole = text.trim();
    if (!whole) return Array(count).fill(base);
    const [name, added = "0", ...rest] = whole.split("+").map((part) => part.trim());
    const curve = named[name];
    const found = curve
        ? curve.map((one) => tidy(one + Number(rest.length ? NaN : added)))
        : whole.split(",").map((part) => Number(part.trim() || 0));
    return found.length === count && found.every(Number.isFinite) ? found : null;
}

/** The list with another number at a place, as a text. @param {number[]} numbers @param {number} place @param {number} value */
export const withNumber = (numbers, place, value) => listText(numbers.map((one, at) => (at === place ? value : one)));

/** A preset as a text. @param {number[]} multiples @param {number} base @param {number} step of the sliders; whole
 * numbers where it is */
export const presetText = (multiples, base, step) =>
    listText(multiples.map((one) => (Number.isInteger(step) ? Math.round(one * base) : tidy(one * base))));

/** @param {number[]} numbers */
const listText = (numbers) => numbers.map(numberText).join(", ");

/** @param {number} value */
const tidy = (value) => Number(value.toFixed(4));

/** Names of blocks, side by side as in a U-Net: runs of the same letters. Those without a name are left out.
 * @param {string[]} names @returns {{side: string, blocks: {name: string, place: number}[]}[]} */
export function sidesOf(names) {
    /** @type {{side: string, blocks: {name: string, place: number}[]}[]} */
    const found = [];
    names.forEach((name, place) => {
        if (!name) return;
        const side = name.replace(/\d+$/, "");
        if (found.at(-1)?.side !== side) found.push({side, blocks: []});
        found.at(-1)?.blocks.push({name, place});
    });
    return found;
}

/** How deep in the U-Net a block of a side lies, from 0 to 1: the way down goes down, the way up comes back.
 * @param {string} side @param {number} place on its side @param {number} count */
export function depthOf(side, place, count) {
    const way = count > 1 ? place / (count - 1) : 1;
    return side === "IN" ? way : side === "OUT" ? 1 - way : side === "M" ? 1 : 0;
}
