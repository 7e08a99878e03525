// @ts-check
// What was done with pictures and captions is said where it was done, with a way back.
import {undoEdit} from "./api.mjs";
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

/** Forget what was said of edits that were taken back elsewhere: they cannot be taken back again.
 * @param {any[]} edits of a version @param {import("./state.mjs").Place} of */
export function unsayUndone(edits, of) {
    const undone = new Set(edits.filter((one) => one.undone).map((one) => keyOf(of, one.number)));
    for (const button of all(".tt-done [data-edit]")) if (undone.has(button.dataset.edit)) unsay(button.parentElement);
}

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
    const undo = h(
        "button",
        {class: "tt-button", type: "button", "data-edit": keyOf(of, number), click: () => back(box, of, number)},
        t("Undo"),
    );
    box.replaceChildren(h("span", {}, label, leftText(found)), ...(number ? [undo] : []));
    tell("plan");
    tell("edited");
    return true;
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

/** Files that were left as they are. @param {any} found */
function leftText(found) {
    const left = sentences({left: [], ...found}, "left");
    if (!left.length) return "";
    const more = left.length > NAMED ? ` ${fill(t("and {} more"), left.length - NAMED)}` : "";
    return ` ${fill(t("Left as they are: {}"), left.slice(0, NAMED).join("; "))}${more}`;
}

/** @param {any} box @param {import("./state.mjs").Place} of @param {number} number */
async function back(box, of, number) {
    const found = await undoEdit(of, number).catch(() => null);
    if (!found || found.error) {
        sayDone(box, found);
        return;
    }
    const label = fill(t("Taken back: {}"), sentence(found.edit, "label"));
    box.replaceChildren(h("span", {tabindex: "-1"}, label, leftText(found)));
    box.firstElementChild.focus(); // its button is gone
    tell("plan");
    tell("edited");
}
