// @ts-check
// A caption's line as tags that are moved, removed, replaced and added. Nothing here is drawn.

/** @typedef {{separator: string, mark: string}} Shape how settings take captions apart; ``mark`` sets fixed tags apart,
 * such as |||, and is empty for none */

/** A tag as it is compared: case, underscores, escaped brackets and Unicode forms make no other one of it.
 * @param {string} tag */
export const sameTag = (tag) =>
    tag
        .normalize("NFC")
        .replace(/\\([()[\]])/g, "$1")
        .toLowerCase()
        .replace(/[_\s]+/g, " ")
        .trim();

/** The first line, which is trained. @param {string} caption */
export const lineOf = (caption) => caption.split("\n", 1)[0];

/** A caption with another first line. @param {string} caption @param {string} line */
export const withLine = (caption, line) => line + caption.slice(lineOf(caption).length);

/** Tags of a line in their order, with the marks between them. @param {string} line @param {Shape} shape
 * @returns {string[]} */
export function itemsOf(line, {separator, mark}) {
    const tags = (/** @type {string} */ part) =>
        part
            .split(separator)
            .map((tag) => tag.trim())
            .filter(Boolean);
    if (!mark) return tags(line);
    const [first, ...more] = line.split(mark);
    return [...tags(first), ...more.flatMap((part) => [mark, ...tags(part)])];
}

/** What stands between two tags, as the writer of a line has it. @param {string} line @param {Shape} shape */
function glueOf(line, {separator}) {
    const inner = line.trim();
    return inner.includes(separator) && !inner.includes(`${separator} `) ? separator : `${separator} `;
}

/** Items with what stands before each; joined they are a line. @param {string[]} items @param {Shape} shape
 * @param {string} [before] a line that is written in the same way */
export function piecesOf(items, shape, before = "") {
    const glue = glueOf(before, shape),
        isMark = (/** @type {string} */ item) => shape.mark !== "" && item === shape.mark;
    return items.map((item, at) => {
        if (at === 0) return item;
        return isMark(item) || isMark(items[at - 1]) ? ` ${item}` : glue + item;
    });
}

/** Several tags in one text, as somebody types or pastes them. @param {string} words @param {Shape} shape */
export const tagsIn = (words, shape) => words.split("\n").flatMap((line) => itemsOf(line, shape));

/** One item at another place. @param {string[]} items @param {number} from @param {number} to before which of the items */
export function moved(items, from, to) {
    const rest = items.filter((_, at) => at !== from);
    rest.splice(to > from ? to - 1 : to, 0, items[from]);
    return rest;
}

/** @param {string[]} items @param {number} at */
export const without = (items, at) => items.filter((_, place) => place !== at);

/** Tags that are not there yet, at the end. @param {string[]} items @param {string[]} tags */
export function added(items, tags) {
    const there = new Set(items.map(sameTag)),
        more = tags.filter((tag) => !there.has(sameTag(tag)) && there.add(sameTag(tag)));
    return [...items, ...more];
}

/** Other tags for one; those that are there already do not come twice. @param {string[]} items @param {number} at
 * @param {string[]} tags */
export const replaced = (items, at, tags) => {
    const others = without(items, at),
        more = added(others, tags).slice(others.length);
    return [...items.slice(0, at), ...more, ...items.slice(at + 1)];
};

/** Before which of the items something is let go. @param {{left: number, right: number, top: number, bottom: number}[]}
 * boxes of the items as they are drawn, line by line @param {number} x @param {number} y */
export function placeAt(boxes, x, y) {
    const at = boxes.findIndex((box) => y < box.top || (y <= box.bottom && x < (box.left + box.right) / 2));
    return at < 0 ? boxes.length : at;
}
