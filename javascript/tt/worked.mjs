// @ts-check
// What came of work on pictures.
import {holdUndo, whyNot} from "./done.mjs";
import {Line} from "./lasting.mjs";
import {outcome} from "./retouch.mjs";
import {here, samePlace} from "./state.mjs";
import {fill, listed, sentence, sentences, t} from "./words.mjs";

/** @type {Record<string, string>} counts of an import, in the order in which they are told */
const CAME_IN = {
    kept: "{} added",
    same: "{} were there already",
    renamed: "{} got a number: others had their names",
    converted: "{} converted to PNG; the originals are kept",
    captioned: "{} with a caption made from its prompt",
    left_out: "{} left out: hidden, or neither picture nor caption",
};
/** @type {Record<string, string>} */
const NAMED_FILES = {
    refused: "Could not be taken: {}",
    unreadable: "Cannot be read: {}",
    twice: "There under another name too: {}",
};

/** @typedef {import("./lasting.mjs").Ending} Ending */
/** @typedef {Record<string, any>} Taken counts of an import, and sentences about its files */

/** @returns {Taken} */
export const nothingTaken = () =>
    Object.fromEntries([
        ["edit", 0],
        ...Object.keys(CAME_IN).map((name) => [name, 0]),
        ...Object.keys(NAMED_FILES).map((name) => [name, []]),
    ]);

/** Two imports as one. @param {Taken} all @param {any} found what came of the next part @returns {Taken} */
export function together(all, found) {
    const sum = /** @type {Taken} */ ({...all, edit: found.edit || all.edit});
    for (const name of Object.keys(CAME_IN)) sum[name] += found[name] || 0;
    for (const name of Object.keys(NAMED_FILES))
        sum[name] = [...sum[name], ...(found[name] ? sentences(found, name) : [])];
    return sum;
}

/** What came in. @param {Taken} all @returns {Ending} */
export function takenEnding(all) {
    const counts = Object.keys(CAME_IN).filter((name) => all[name]),
        words = listed(counts.map((name) => fill(t(CAME_IN[name]), all[name])));
    const lists = Object.keys(NAMED_FILES).map((name) => ({
        title: fill(t(NAMED_FILES[name]), all[name].length),
        lines: all[name],
    }));
    const none = lists.some((one) => one.lines.length) ? t("Nothing was added.") : t("No pictures were found.");
    return {words: words || none, edit: all.edit, lists};
}

/** What came of work that has ended. @param {any} work @returns {Ending} */
export function endingOf(work) {
    const {kind, error, result} = work;
    if (error) return {words: whyNot(work), wrong: true};
    if (kind !== "import") return madeEnding(outcome(work));
    if (result.cancelled) return {words: t("Cancelled: nothing was added.")};
    return takenEnding(together(nothingTaken(), result));
}

/** A dialog has done what it is for: it closes, and what came of it is told on the page, with its way back.
 * @param {any} part of the dialog @param {import("./state.mjs").Place} of @param {any} edit */
export function closeWith(part, of, edit) {
    part.closest("dialog").close();
    if (!samePlace(of, here())) return; // somebody closed it and went on, before there was an answer
    const line = new Line("edit");
    line.end(madeEnding(edit));
    holdUndo(line.element);
}

/** What was made of pictures. @param {any} edit @returns {Ending} */
function madeEnding(edit) {
    const lines = sentences(edit, "left");
    return {words: sentence(edit, "label"), edit: edit.number, lists: [{title: fill(t("Left as they are: {}"), lines.length), lines}]}; // prettier-ignore
}
