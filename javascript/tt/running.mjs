// @ts-check
// Work on pictures that goes on, begun in this window or in another one: how far it is, and what came of it.
import {Line, lineOf, toldElsewhere} from "./lasting.mjs";
import {outcome, retouch} from "./retouch.mjs";
import {here, isPlace, on, state} from "./state.mjs";
import {t} from "./words.mjs";
import {endingOf} from "./worked.mjs";
import {cancelWork, workEnded} from "./works.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** @type {Record<string, string>} */
const DOING = {
    import: "Checking and converting pictures",
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
    masks: "Making masks",
};
let beginning = 0; // what was asked for and has no number yet

/** Begin something in a version; whoever asks tells of it. @param {Place} of @param {string} action
 * @param {Record<string, any>} wish @returns {Promise<any>} the work, or an error; null without an answer */
export async function begin(of, action, wish) {
    beginning++;
    const begun = await retouch(of, action, wish).catch(() => null);
    beginning--;
    if (begun && begun.number) toldElsewhere.add(begun.number);
    return begun;
}

/** Begin something in the chosen version that takes no time, and see it through.
 * @param {string} action @param {Record<string, any>} wish
 * @returns {Promise<any>} what came of it, as an edit; or an error; null without an answer */
export async function carryOut(action, wish) {
    const of = here(),
        begun = await begin(of, action, wish);
    return outcome(await workEnded(of, begun, () => {}));
}

/** Tell how far a work of the chosen version is, and what came of it.
 * @param {any} work @param {boolean} [isHeld] whether keys go there */
export async function follow(work, isHeld = false) {
    const of = here(),
        key = `work-${work.number}`;
    if (lineOf(key)) return;
    const line = new Line(key, () => cancelWork(of, work.number).catch(() => null));
    if (isHeld) line.stop.focus();
    const ended = await workEnded(of, work, ({done, total}) => line.show(t(DOING[work.kind]), done, total));
    if (lineOf(key) !== line) return; // another version is shown
    if (ended) line.end(endingOf(ended));
    else line.remove();
}

/** Whether this window sends files, and tells of it. */
function isSending() {
    const line = lineOf("upload");
    return Boolean(line && !line.isOver);
}

on("now", () => {
    if (!isPlace() || !state.status || beginning) return;
    for (const work of state.status.works)
        if (work.kind in DOING && !toldElsewhere.has(work.number) && !(work.kind === "import" && isSending()))
            follow(work);
});
