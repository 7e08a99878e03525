// @ts-check
// Axes of sheets as they are typed, and what a sheet costs, in words.
import {span} from "./formats.mjs";
import {fill, listed, t} from "./words.mjs";

/** @typedef {{name: string, example: string, values: string[]}} Axis */

const WEIGHTS = "blocks"; // whose lists hold commas themselves

/** @param {string} name */
const signOf = (name) => (name === WEIGHTS ? ";" : ",");

/** Values of a text, without the quotes around those that hold commas. @param {string} name @param {string} typed */
export function valuesOf(name, typed) {
    const parts = name === WEIGHTS ? typed.split(";") : typed.match(/\s*"(?:[^"]|"")*"|[^,]+/g) || [];
    return parts.map((part) => part.trim().replace(/^"(.*)"$/s, "$1").replaceAll('""', '"')).filter(Boolean); // prettier-ignore
}

/** @param {string} name @param {string} value */
const quoted = (name, value) => (name !== WEIGHTS && /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** A text with one value more, or without it where it has it. @param {string} name @param {string} typed @param {string} value */
export function toggled(name, typed, value) {
    const values = valuesOf(name, typed),
        rest = values.filter((one) => one !== value);
    const now = rest.length < values.length ? rest : [...values, value];
    return now.map((one) => quoted(name, one)).join(signOf(name));
}

/** An axis as the server reads it; empty for none. @param {string} name @param {string} typed */
export const sideText = (name, typed) => (name ? (typed.trim() ? `${name}:${typed.trim()}` : name) : "");

/** What a sheet costs. @param {{pictures: number, missing: number, seconds: number | null}} found */
export function countText({pictures, missing, seconds}) {
    const parts = [fill(t(pictures === 1 ? "{} picture" : "{} pictures"), pictures)];
    if (missing < pictures) parts.push(fill(t("{} of them there already"), pictures - missing));
    if (missing) parts.push(seconds === null ? t("time not known yet") : `~${span(seconds)}`);
    return listed(parts);
}
