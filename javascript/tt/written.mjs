// @ts-check
// The tag that somebody is writing in a text.

/** @typedef {{start: number, end: number, word: string}} Written a part of a text, and its beginning up to the caret */

/** The tag around the caret; what stands behind the caret belongs to it. @param {string} text @param {number} caret
 * @param {string} separator of tags @returns {Written} */
export function writtenAt(text, caret, separator) {
    const head = text.slice(0, caret),
        rest = text.slice(caret),
        behind = head.lastIndexOf(separator),
        from = Math.max(head.lastIndexOf("\n") + 1, behind < 0 ? 0 : behind + separator.length),
        start = from + (head.slice(from).length - head.slice(from).trimStart().length);
    const ends = [rest.indexOf("\n"), rest.indexOf(separator)].filter((at) => at >= 0);
    return {start, end: caret + (ends.length ? Math.min(...ends) : rest.length), word: text.slice(start, caret)};
}

/** The text with a tag instead of what was written of it. @param {string} text @param {Written} written
 * @param {string} tag @param {string} separator @returns {{text: string, caret: number}} */
export function completed(text, {start, end}, tag, separator) {
    const rest = text.slice(end),
        more = rest.startsWith(separator) || rest.startsWith("\n") ? "" : `${separator} `;
    return {text: text.slice(0, start) + tag + more + rest, caret: start + tag.length + more.length};
}
