// @ts-check
// Numbers as people read them.
import {fill, t} from "./words.mjs";

const MIB = 2 ** 20,
    GIB = 2 ** 30;

/** Bytes, as "6.9 GB", "18.0 MB" or "120 MB". @param {number} bytes */
export function size(bytes) {
    if (bytes >= GIB) return `${(bytes / GIB).toFixed(1)} GB`;
    return `${(bytes / MIB).toFixed(bytes < 16 * MIB ? 1 : 0)} MB`;
}

/** A length of time that is estimated, as "1 h 7 min". @param {number} seconds */
export function span(seconds) {
    if (Math.round(seconds) < 60) return fill(t("{} s"), Math.max(1, Math.round(seconds)));
    const minutes = Math.round(seconds / 60),
        hours = Math.floor(minutes / 60);
    return hours ? fill(t("{} h {} min"), hours, minutes % 60) : fill(t("{} min"), minutes);
}

/** A length of time that runs, as "3:52" or "1:03:52". @param {number} seconds */
export function clock(seconds) {
    const hours = Math.floor(seconds / 3600),
        minutes = Math.floor(seconds / 60) % 60;
    const two = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, "0");
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Steps in a second, or seconds that a step takes where those are more. @param {number} speed steps/s */
export const pace = (speed) => (speed >= 1 ? `${speed.toFixed(2)} it/s` : `${(1 / speed).toFixed(2)} s/it`);

/** Text that may stand in HTML. @param {any} value */
export const text = (value) => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The last part of a path of any system. @param {string} path */
export const nameOf = (path) => path.split(/[\\/]/).pop() || path;

/** The first name with a number that follows: "v2" after "v1", "base 2" after "base". @param {string} name */
export const following = (name) =>
    /\d+$/.test(name) ? name.replace(/\d+$/, (number) => String(Number(number) + 1)) : `${name} 2`;
