// @ts-check
// What is done with the pictures that are selected, and taking back the last edit.
import * as api from "./api.mjs";
import {openChanging} from "./changing.mjs";
import {selectNone} from "./choosing.mjs";
import {find, h, within} from "./dom.mjs";
import {followDone, leftText, said} from "./done.mjs";
import {showError} from "./messages.mjs";
import {moveElement} from "./setmove.mjs";
import {here, isPlace, on, samePlace, state, tell} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

/** @type {any} the edit that would be taken back; null for none */
let last = null,
    /** @type {any} the one that would be done again */
    again = null,
    asked = 0;

/** @returns {any} */
export const selectedElement = () =>
    h(
        "div",
        {class: "tt-selected"},
        turnElement("train_tools_undo_edit", "Control+Z", undo),
        turnElement("train_tools_redo_edit", "Control+Y", redo),
        h(
            "span",
            {class: "tt-picked", hidden: true},
            h("b", {role: "status"}),
            h(
                "button",
                {class: "tt-button", id: "train_tools_take_out", click: () => move(api.takeOut)},
                t("Take out"),
            ),
            h(
                "button",
                {class: "tt-button", id: "train_tools_put_back", click: () => move(api.putBack)},
                t("Put back"),
            ),
            h(
                "button",
                {class: "tt-button", click: () => openChanging("enlarge", null, "picked")},
                t("Change pictures"),
            ),
            moveElement(),
            h("button", {class: "tt-link", click: selectNone}, t("Select none")),
        ),
        h("span", {class: "tt-left-alone tt-warn", role: "status"}),
    );

/** @param {string} id @param {string} keys @param {() => any} click */
const turnElement = (id, keys, click) =>
    h("button", {class: "tt-button", id, "aria-keyshortcuts": keys, hidden: true, click});

function show() {
    const count = state.picked.size,
        box = find(".tt-picked");
    if (!box) return;
    box.hidden = !count;
    box.firstElementChild.textContent = fill(t("{} selected"), count);
    const [undoes, redoes] = [find("#train_tools_undo_edit"), find("#train_tools_redo_edit")],
        held = document.activeElement;
    [undoes.hidden, redoes.hidden] = [!last, !again];
    if (last) undoes.textContent = fill(t("Undo in the pictures: {}"), sentence(last, "label"));
    if (again) redoes.textContent = fill(t("Redo in the pictures: {}"), sentence(again, "label"));
    if (held === undoes && !last) redoes.focus();
    else if (held === redoes && !again) undoes.focus();
}

/** @param {(of: import("./state.mjs").Place, some: {ids: number[]}) => Promise<any>} route */
const move = (route) => act(() => route(here(), {ids: [...state.picked]}));

async function undo() {
    const edit = last;
    last = null; // a key that is pressed twice takes nothing back twice
    const found = edit && (await act(() => api.undoEdit(here(), edit.number)));
    if (found?.edit) again = found.edit;
}

async function redo() {
    const edit = again;
    again = null;
    const found = edit && (await act(() => api.redoEdit(here(), edit.number)));
    if (found?.edit) last = found.edit;
}

/** Ask for something, and show what came of it. @param {() => Promise<any>} wish */
async function act(wish) {
    const found = await wish().catch(() => ({error: {message: t("No answer. Try again."), problems: []}}));
    showError(found.error || null);
    find(".tt-left-alone").textContent = found.error ? "" : leftText(found).trim();
    said.count++;
    tell("edited");
    tell("plan");
    return found;
}

/** Which edit Undo takes back now, and which one Redo does again. */
export async function followEdits() {
    const of = here(),
        number = ++asked,
        {count} = said,
        found = isPlace() ? await api.edits(of, 50).catch(() => null) : {edits: []};
    if (!found || !samePlace(of, here()) || number !== asked || count !== said.count) return;
    const {edits = [], redo: next = null} = found;
    followDone({edits, redo: next}, of);
    last = edits.find((/** @type {any} */ one) => !one.undone) || null;
    again = next;
    show();
}

on("picked", show);
document.addEventListener("keydown", (event) => {
    if (!within(event, ".tt-tiles")) return;
    const key = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : "";
    if (key === "y" || (key === "z" && event.shiftKey)) redo();
    else if (key === "z") undo();
    else if (event.key === "Delete" && state.picked.size) move(api.takeOut);
    else return;
    event.preventDefault();
});
