// @ts-check
// Which pictures something is done to: all, those that are shown, or those that are selected.
import {h} from "./dom.mjs";
import {segmentElement} from "./labelled.mjs";
import {state, tell} from "./state.mjs";
import {fill, t} from "./words.mjs";

/** @typedef {"all" | "filter" | "picked"} Scope */

/** Show other pictures. @param {string} filter */
export function filterBy(filter) {
    state.filter = filter;
    tell("filter");
}

/** What somebody means by default: the selected ones, else those that are shown. @returns {Scope} */
export const usual = () => (state.picked.size ? "picked" : state.filter ? "filter" : "all");

/** As requests tell it. @param {Scope} scope @returns {import("./edits.mjs").Chosen} */
export function chosen(scope) {
    if (scope === "picked") return {filter: "", ids: [...state.picked]};
    return {filter: scope === "filter" ? state.filter : ""};
}

/** Chooses between them; those that there are none of cannot be chosen.
 * @param {string} name of the group @param {Scope} now @param {(scope: Scope) => void} taken */
export function scopeElement(name, now, taken) {
    /** @type {[Scope, string, boolean][]} */
    const scopes = [
        ["all", t("All pictures"), true],
        [
            "filter",
            state.filter ? fill(t("Shown: {}"), state.filter) : t("Those that are shown"),
            Boolean(state.filter),
        ],
        ["picked", fill(t("Selected: {}"), state.picked.size), state.picked.size > 0],
    ];
    return h(
        "fieldset",
        {class: "tt-scope"},
        h("legend", {}, t("Which pictures")),
        scopes.map(([value, words, enabled]) =>
            segmentElement(name, words, value === now, () => taken(value), enabled),
        ),
    );
}
