// @ts-check
// What is done with the pictures that are selected, and taking back the last edit.
import * as api from "./api.mjs";
import {openChanging} from "./changing.mjs";
import {selectNone} from "./choosing.mjs";
import {find, h, within} from "./dom.mjs";
import {unsayUndone} from "./done.mjs";
import {showError} from "./messages.mjs";
import {moveElement} from "./setmove.mjs";
import {here, isPlace, on, samePlace, state, tell} from "./state.mjs";
import {fill, sentence, sentences, t} from "./words.mjs";

/** @type {any} the edit that would be taken back; null for none */
let last = null;

/** @returns {any} */
export const selectedElement = () =>
    h(
        "div",
        {class: "tt-selected"},
        h("button", {class: "tt-button", id: "train_tools_undo_edit", hidden: true, click: undo}),
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

function show() {
    const count = state.picked.size,
        box = find(".tt-picked");
    if (!box) return;
    box.hidden = !count;
    box.firstElementChild.textContent = fill(t("{} selected"), count);
    const button = find("#train_tools_undo_edit");
    button.hidden = !last;
    if (last) button.textContent = fill(t("Undo in the pictures: {}"), sentence(last, "label"));
}

/** @param {(of: import("./state.mjs").Place, some: {ids: number[]}) => Promise<any>} route */
const move = (route) => act(() => route(here(), {ids: [...state.picked]}));

const undo = () => last && act(() => api.undoEdit(here(), last.number));

/** Ask for something, and show what came of it. @param {() => Promise<any>} asked */
async function act(asked) {
    const found = await asked().catch(() => ({error: {message: t("No answer. Try again."), problems: []}}));
    showError(found.error || null);
    const left = found.error ? [] : sentences(found, "left");
    find(".tt-left-alone").textContent = left.join(" ");
    tell("edited");
    tell("plan");
}

/** Which edit Undo takes back now. */
export async function followEdits() {
    const of = here(),
        found = isPlace() ? await api.edits(of, 50).catch(() => null) : {edits: []};
    if (!found || !samePlace(of, here())) return;
    unsayUndone(found.edits || [], of);
    last = (found.edits || []).find((/** @type {any} */ one) => !one.undone) || null;
    show();
}

on("picked", show);
document.addEventListener("keydown", (event) => {
    if (!within(event, ".tt-tiles")) return;
    const takesBack = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
    if (takesBack) undo();
    else if (event.key === "Delete" && state.picked.size) move(api.takeOut);
    else return;
    event.preventDefault();
});
