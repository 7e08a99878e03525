// @ts-check
// Settings found by their words, or by differing from the preset.
import {all, find, h} from "./dom.mjs";
import {partOf} from "./groups.mjs";
import {labelText} from "./labelled.mjs";
import {differences} from "./preset.mjs";
import {state} from "./state.mjs";
import {t} from "./words.mjs";

/** @type {Map<string, import("./field.mjs").Field>} */
let fields = new Map();
let onlyDiffering = false,
    filtered = "";

/** @param {Map<string, import("./field.mjs").Field>} searched */
export function searchElement(searched) {
    fields = searched;
    const words = t("Find a setting...");
    return h("input", {
        type: "search",
        id: "train_tools_search",
        placeholder: words,
        "aria-label": words,
        input: filter,
    });
}

/** Show only what differs from the preset, or all again. */
export function toggleDiffering() {
    onlyDiffering = !onlyDiffering;
    find('[data-preset="show"]').setAttribute("aria-pressed", String(onlyDiffering));
    filter();
}

/** Show every setting. */
export function showAll() {
    find("#train_tools_search").value = "";
    if (onlyDiffering) toggleDiffering();
    else filter();
}

/** Whether a setting has all words. @param {any} setting @param {string[]} words in small letters */
export function has(setting, words) {
    const stands = `${t(setting.heading)} ${partOf(setting)}`,
        says = `${labelText(setting)} ${setting.name} ${t(setting.help)} ${stands}`.toLowerCase();
    return words.every((word) => says.includes(word));
}

/** Show the settings that have the words that are searched for, and that differ where only those are wanted. */
export function filter() {
    const words = find("#train_tools_search").value.toLowerCase().split(/\s+/).filter(Boolean),
        differs = differences();
    if (onlyDiffering && !differs.size) return toggleDiffering(); // all of them were taken back
    const before = filtered,
        wanted = `${words} ${onlyDiffering ? [...differs.keys()] : ""}`,
        isFiltered = wanted.trim() !== "";
    if (wanted === filtered) return;
    filtered = wanted;
    for (const setting of state.declared) {
        const field = fields.get(setting.name);
        if (field) field.element.hidden = !has(setting, words) || (onlyDiffering && !differs.has(setting.name));
    }
    for (const group of all(".tt-form .tt-group:not(.tt-file), .tt-form .tt-group details")) {
        group.hidden = !group.querySelector(".tt-field:not([hidden])");
        if (group.tagName !== "DETAILS") continue;
        if (!before.trim()) group.dataset.open = String(group.open); // as somebody left it
        group.open = isFiltered || group.dataset.open === "true";
    }
    find(".tt-none").hidden = Boolean(find(".tt-form .tt-field:not([hidden])"));
}
