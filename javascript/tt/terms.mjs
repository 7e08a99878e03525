// @ts-check
// Tags as parts of a filter.

const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N}_.'-]*$/u,
    JOINTS = /^(or|and|not)$/i,
    PARTS = /-?(?:\w+:)?"(?:\\.|[^"\\])*"|\S+/g;

/** A tag as a filter names it: in quotes where it would be read as something else. @param {string} tag */
export const asTerm = (tag) =>
    PLAIN.test(tag) && !JOINTS.test(tag) ? tag : `"${tag.replace(/["\\]/g, (sign) => `\\${sign}`)}"`;

/** @param {string} filter @returns {string[]} its words and quotations */
const partsOf = (filter) => filter.match(PARTS) || [];

/** Whether a filter asks for something by itself. @param {string} filter @param {string} term */
export const has = (filter, term) => partsOf(filter).includes(term);

/** A filter that asks for one thing more. @param {string} filter @param {string} term */
export function withTerm(filter, term) {
    const parts = partsOf(filter);
    if (!parts.length || has(filter, term)) return parts.length ? filter : term;
    const isOpen = parts.some((part) => part.toLowerCase() === "or");
    return `${isOpen ? `(${filter.trim()})` : filter.trim()} ${term}`;
}

/** A filter without it. @param {string} filter @param {string} term */
export const withoutTerm = (filter, term) =>
    partsOf(filter)
        .filter((part) => part !== term)
        .join(" ");

/** In it goes, or out. @param {string} filter @param {string} term */
export const toggled = (filter, term) => (has(filter, term) ? withoutTerm(filter, term) : withTerm(filter, term));
