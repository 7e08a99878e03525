// @ts-check
// What was done with pictures and captions is said where it was done, with a way back.
import {redoEdit, undoEdit} from "./api.mjs";
import {all, h} from "./dom.mjs";
import {here, tell} from "./state.mjs";
import {fill, told, sentence, sentences, t} from "./words.mjs";

const NAMED = 3;

export const doneElement = () => h("div", {class: "tt-done", role: "status"});

/** Forget what was said. @param {any} box */
export function unsay(box) {
    box.classList.remove("tt-refused");
    box.replaceChildren();
}

/** Counts what is said of edits: an answer that was asked for before may be old. */
export const said = {count: 0};

/** What was said of edits follows what became of them elsewhere: taken back or done again.
 * @param {any} found edits of a version, with the one that can be done again
 * @param {import("./state.mjs").Place} of */
export function followDone({edits, redo}, of) {
    const known = new Map(edits.map((/** @type {any} */ one) => [keyOf(of, one.number), one])),
        next = redo && keyOf(of, redo.number);
    for (const button of all(".tt-done [data-edit]")) {
        const edit = known.get(button.dataset.edit),
            box = button.parentElement;
        if (edit && edit.undone !== isUndone(button)) saySince(box, of, edit);
        const now = box.querySelector("[data-edit]"),
            isHeld = now === document.activeElement;
        now.hidden = isUndone(now) && next !== now.dataset.edit;
        if (isHeld && now.hidden) box.firstElementChild.focus({preventScroll: true});
    }
}

/** @param {any} button */
const isUndone = (button) => button.dataset.undone === "true";

/** @param {import("./state.mjs").Place} of @param {number} number */
const keyOf = ({project, version}, number) => [project, version, number].join("/");

/** Say what became of an edit, and have everything that shows pictures look again.
 * @param {any} box @param {any} found an edit with its ``number``, or a treatment with its ``edit``; or an error; null
 * without an answer @returns {boolean} whether it was done */
export function sayDone(box, found) {
    box.classList.toggle("tt-refused", !found || Boolean(found.error));
    if (!found || found.error) {
        box.replaceChildren(whyNot(found));
        return false;
    }
    const of = here(),
        number = found.number ?? found.edit,
        label = sentence(found, "label") || t("nothing to change");
    say(box, of, {number, undone: false}, label + leftText(found));
    tellDone();
    return true;
}

function tellDone() {
    said.count++;
    tell("plan");
    tell("edited");
}

/** @typedef {{number: number, undone: boolean}} Edit number 0 where there was nothing to do */

/** Words about an edit, with what takes it back or does it again.
 * @param {any} box @param {import("./state.mjs").Place} of @param {Edit} edit @param {string} words */
function say(box, of, {number, undone}, words) {
    const facts = {class: "tt-button", type: "button", "data-edit": keyOf(of, number), "data-undone": `${undone}`},
        button =
            number &&
            h("button", {...facts, click: () => turn(box, of, number, undone)}, undone ? t("Redo") : t("Undo"));
    box.replaceChildren(h("span", {tabindex: "-1"}, words), ...(button ? [button] : []));
}

/** What became of an edit that was told of. @param {any} box @param {import("./state.mjs").Place} of @param {any} edit
 * @param {string} left */
function saySince(box, of, edit, left = "") {
    const isHeld = box.contains(document.activeElement);
    say(box, of, edit, fill(edit.undone ? t("Taken back: {}") : t("Done again: {}"), sentence(edit, "label")) + left);
    if (isHeld) holdUndo(box);
}

/** Keys go to what takes it back: what it was asked with may be gone. @param {any} box */
export const holdUndo = (box) => box.querySelector("button")?.focus({preventScroll: true});

/** Why something was refused, in words. @param {any} found null without an answer */
export function whyNot(found) {
    if (!found) return t("No answer. Nothing was changed; try again.");
    const {error} = found,
        problems = error.problems || [];
    if (!problems.length) return sentence(error, "message");
    return problems
        .map((/** @type {any} */ one) => [one.value, sentence(one, "remedy")].filter(Boolean).reduce(told))
        .join("\n");
}

/** Files that were left as they are. @param {any} found @returns {string} */
export function leftText(found) {
    const left = sentences({left: [], ...found}, "left");
    if (!left.length) return "";
    const more = left.length > NAMED ? ` ${fill(t("and {} more"), left.length - NAMED)}` : "";
    return ` ${fill(t("Left as they are: {}"), left.slice(0, NAMED).join("; "))}${more}`;
}

/** Take an edit back, or do it again.
 * @param {any} box @param {import("./state.mjs").Place} of @param {number} number @param {boolean} undone */
async function turn(box, of, number, undone) {
    const found = await (undone ? redoEdit : undoEdit)(of, number).catch(() => null);
    if (!found || found.error) {
        sayDone(box, found);
        return;
    }
    const {edit} = found;
    if (edit.undone || undone) saySince(box, of, edit, leftText(found));
    else say(box, of, edit, sentence(edit, "label") + leftText(found)); // a disk refused it: it can be tried again
    holdUndo(box);
    tellDone();
}
