// @ts-check
// Work on pictures that goes on, begun in this window or in another one: how far it is, and what came of it.
import {sayDone, whyNot} from "./done.mjs";
import {Line, lineOf, toldElsewhere} from "./lasting.mjs";
import {outcome, retouch} from "./retouch.mjs";
import {here, isPlace, on, samePlace, state} from "./state.mjs";
import {fill, sentence, sentences, t} from "./words.mjs";
import {cancelWork, workEnded} from "./works.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** @type {Record<string, string>} */
const DOING = {
    crop: "Cropping",
    split: "Splitting",
    rotate: "Turning",
    mirror: "Mirroring",
    pad: "Padding",
    enlarge: "Enlarging",
    reduce: "Making smaller copies",
    background: "Changing the background",
    person: "Cutting out persons and heads",
    multiply: "Making many of a few",
};
let beginning = 0; // what was asked for and has no number yet

/** @param {Place} of @param {any} work */
const lineFor = (of, {number}) => new Line(`work-${number}`, () => cancelWork(of, number).catch(() => null));

/** @param {Place} of @param {any} work @param {Line | undefined} line */
const through = async (of, work, line) =>
    outcome(await workEnded(of, work, (now) => line?.show(t(DOING[work.kind]), now.done, now.total)));

/** Begin something in the chosen version, and see it through.
 * @param {string} action @param {Record<string, any>} wish
 * @param {(line: Line) => void} [seen] is given a line that tells how far it is; whoever takes it ends it
 * @returns {Promise<any>} what came of it, as an edit; or an error; null without an answer */
export async function carryOut(action, wish, seen) {
    const of = here();
    beginning++;
    const begun = await retouch(of, action, wish).catch(() => null);
    beginning--;
    if (!begun || begun.error) return begun;
    toldElsewhere.add(begun.number);
    const line = seen && lineFor(of, begun);
    if (line) seen(line);
    return through(of, begun, line);
}

/** Says what came of it in a box, or in its line where the box is gone.
 * @param {Line | null} line @param {any} box @param {any} found as ``carryOut`` gives it @returns {boolean} whether it
 * was done, and is said in the box */
export function report(line, box, found) {
    if (line && !box.isConnected) {
        endLine(line, found);
        return false;
    }
    if (line) line.remove();
    return sayDone(box, found);
}

/** @param {Line} line @param {any} found as ``carryOut`` gives it */
function endLine(line, found) {
    if (!found || found.error) return line.end({words: whyNot(found), wrong: true});
    const lines = sentences({left: [], ...found}, "left"),
        left = {title: fill(t("Left as they are: {}"), lines.length), lines};
    line.end({words: sentence(found, "label"), edit: found.number, lists: [left]});
}

/** @param {any} work of another window */
async function follow(work) {
    const of = here(),
        line = lineFor(of, work),
        found = await through(of, work, line);
    if (samePlace(of, here())) endLine(line, found);
}

on("now", () => {
    if (!isPlace() || !state.status || beginning) return;
    for (const work of state.status.works)
        if (work.kind in DOING && !lineOf(`work-${work.number}`) && !toldElsewhere.has(work.number)) follow(work);
});
