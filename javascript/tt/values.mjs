// @ts-check
// Values of settings as people read and write them.

/** @typedef {{name: string, kind: string, separator: string, optional: boolean, low: number | null, high: number | null, item: string | null, default: any}} Setting */

const SMALL = 1e-3; // rates are read as 1e-4

/**
 * A number as people write rates and sizes.
 * @param {number} value
 */
export function numberText(value) {
    const small = value !== 0 && Math.abs(value) < SMALL;
    return small ? value.toExponential().replace("e+", "e") : String(value);
}

/** @param {any} value */
const itemText = (value) => (typeof value === "number" ? numberText(value) : String(value));

/**
 * A value as the input of its setting shows it; what somebody typed and cannot be used is shown as it is.
 * @param {Pick<Setting, "separator">} setting
 * @param {any} value
 * @returns {string}
 */
export function textOf(setting, value) {
    if (value === null || value === undefined) return "";
    const between = setting.separator === "\n" ? "\n" : `${setting.separator} `;
    if (Array.isArray(value)) return value.map(itemText).join(between);
    if (typeof value === "object")
        return Object.entries(value)
            .map(([name, one]) => `${name}=${itemText(one)}`)
            .join(" ");
    return itemText(value);
}

/** The items of a list as it is written. @param {Pick<Setting, "separator">} setting @param {string} text */
export const itemsOf = (setting, text) =>
    text
        .split(setting.separator)
        .map((part) => part.trim())
        .filter(Boolean);

/** Whether two values are the same. @param {any} one @param {any} other */
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * The number that an arrow key leads to. A rate goes by its first digit, so that 1e-4 is followed by 2e-4.
 * @param {string} text of the input now
 * @param {1 | -1} up
 * @param {Pick<Setting, "kind" | "low" | "high" | "default"> & {slider?: [number, number, number] | null}} setting
 * @returns {string | null} null where there is no number to start from
 */
export function stepped(text, up, setting) {
    const from = text.trim() === "" ? Number(setting.default ?? setting.low ?? 0) : Number(text);
    if (!Number.isFinite(from)) return null;
    const step = setting.kind === "int" ? 1 : setting.slider ? setting.slider[2] : digitOf(from, up);
    const low = setting.low ?? -Infinity,
        high = setting.high ?? Infinity;
    const to = Math.min(high, Math.max(low, from + up * step));
    return numberText(Number(to.toPrecision(8)));
}

/** @param {number} value @param {1 | -1} up */
function digitOf(value, up) {
    if (value === 0) return 0.1;
    const power = Math.floor(Math.log10(Math.abs(value)));
    const isFirst = Number((Math.abs(value) / 10 ** power).toPrecision(8)) === 1;
    return 10 ** (isFirst && up < 0 === value > 0 ? power - 1 : power);
}
