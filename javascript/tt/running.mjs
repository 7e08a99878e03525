// @ts-check
// Work on pictures that goes on, begun in this window or in another one: how far it is, cancelling it, what came of it.
import {find, h} from "./dom.mjs";
import {doneElement, sayDone, unsay} from "./done.mjs";
import {cancelWork, ended, outcome, retouch, works} from "./retouch.mjs";
import {here, isPlace, on, samePlace} from "./state.mjs";
import {fill, t} from "./words.mjs";

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
    background: "Laying on a color",
    person: "Cutting out persons and heads",
    multiply: "Making many of a few",
};
/** @type {Map<number, {of: Place, work: any}>} by number of the work */
const going = new Map();
/** @type {any} shows how far it is, wherever that was taken to */
let element = null;

/** What goes on in the chosen version; undefined for nothing. */
export const present = () => [...going.values()].find((one) => samePlace(one.of, here()));

/** See work through. @param {Place} of @param {any} begun @returns {Promise<any>} when it has ended, or an error */
async function through(of, begun) {
    const found = await ended(of, begun, (work) => {
        going.set(work.number, {of, work});
        show();
    });
    if (begun && begun.number) going.delete(begun.number);
    show();
    return found;
}

/** Begin something in the chosen version, and see it through. @param {string} action @param {Record<string, any>} wish
 * @returns {Promise<any>} what came of it, as an edit; or an error; null without an answer */
export async function carryOut(action, wish) {
    const of = here();
    unsay(find(".tt-changing .tt-done"));
    return outcome(await through(of, await retouch(of, action, wish).catch(() => null)));
}

/** Says what came of it: in a box, or in the line above the pictures where that is gone. @param {any} box @param {any} found */
export const report = (box, found) => sayDone(box.isConnected ? box : find(".tt-changing .tt-done"), found);

/** How far it is: one element, which is taken to wherever somebody looks. @returns {any} */
export function goingElement() {
    if (element) return element;
    const cancel = h("button", {class: "tt-button", type: "button"}, t("Cancel"));
    element = h("div", {class: "tt-going-on", hidden: true}, h("span"), h("progress", {"aria-label": t("How far it is")}), cancel); // prettier-ignore
    cancel.addEventListener("click", () => {
        const now = present();
        cancel.disabled = true;
        if (now) cancelWork(now.of, now.work.number).catch(() => null);
    });
    return element;
}

/** The line above the pictures. */
export const changingElement = () => h("div", {class: "tt-changing"}, goingElement(), doneElement());

/** Back to the line, when a dialog closes. */
export const giveBack = () => find(".tt-changing").prepend(goingElement());

function show() {
    const now = present(),
        [words, bar, cancel] = goingElement().children;
    if (element.hidden === Boolean(now)) cancel.disabled = false;
    element.hidden = !now;
    if (!now) return;
    const {kind, done, total} = now.work,
        says = `${t(DOING[kind])} ${total ? fill(t("{} of {}"), done, total) : ""}`.trim();
    if (words.textContent !== says) words.textContent = says;
    if (total) Object.assign(bar, {max: total, value: done});
    else bar.removeAttribute("value"); // it moves, and tells no share
}

/** Another version is chosen, or the page was opened anew: perhaps something goes on there. */
on("place", async () => {
    const of = here(),
        line = find(".tt-changing .tt-done");
    if (!line) return;
    unsay(line);
    show();
    const found = isPlace() && (await works(of).catch(() => null)),
        known = found && !found.error ? found.works : [];
    for (const work of known)
        if (work.kind in DOING && !work.ended && !going.has(work.number))
            through(of, work).then((now) => samePlace(of, here()) && sayDone(line, outcome(now)));
});
