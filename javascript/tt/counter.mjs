// @ts-check
// How many tokens a caption has, and from where on they are not trained.
import {fill, t} from "./words.mjs";

/** @typedef {{tokens: number, most: number | null, marks: {tokens: number, part: number}[]}} Counted */

const WORDS = /[\s,;]*[^\s,;]+(?:[\s,;]+$)?|[\s,;]+$/g;

/** Words of a line, each with the signs before it. @param {string} line @returns {string[]} */
export const wordsOf = (line) => line.match(WORDS) || [];

/** How many of how many. @param {Counted} counted */
export const countText = ({tokens, most}) => fill(t("{} / {} tokens"), tokens, most ?? 75);

/** The part with which the limit is passed, where there is one. @param {Counted} counted @returns {number | null} */
export function cutAt({most, marks}) {
    const mark = marks.find((one) => one.tokens === most);
    return mark ? mark.part : null;
}

/** What a part passes: 75, 150 ... @param {Counted | null} counted @param {number} part @returns {number | null} */
export const passedBy = (counted, part) => counted?.marks.find((one) => one.part === part)?.tokens ?? null;

/** What is not trained, in words; empty where all of it is. @param {Counted} counted @param {string[]} parts */
export function cutText(counted, parts) {
    const at = cutAt(counted);
    if (at === null) return "";
    if (at >= parts.length)
        return fill(t("{} tokens end before what the settings put behind the caption."), counted.most ?? 0);
    return fill(
        t("{} tokens end here: {}. The rest is not trained."),
        counted.most ?? 0,
        parts[at].replace(/^[\s,;]+|[\s,;]+$/g, ""),
    );
}
