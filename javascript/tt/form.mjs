// @ts-check
// The form: every declared setting has its field, grouped as people think, found by its words.
import {find, h} from "./dom.mjs";
import {fieldOf} from "./field.mjs";
import {groupElement} from "./groups.mjs";
import {labelText} from "./labelled.mjs";
import {back, differences, presetElement} from "./preset.mjs";
import {filter, searchElement, showAll, toggleDiffering} from "./search.mjs";
import "./reasons.mjs";
import {answered, change, takeBack, undoable, valueOf} from "./settings.mjs";
import {fileElement} from "./settings_file.mjs";
import {importElement, importedElement} from "./settings_import.mjs";
import {on, state} from "./state.mjs";
import {textOf} from "./values.mjs";
import {fill, told, t} from "./words.mjs";

/** @typedef {import("./field.mjs").Field} Field */

const FOLDERS = "Folders"; // stand with the pictures
const ORDER = [
    "Network",
    "Rates and length",
    "Captions and augmentation",
    "Noise and loss",
    "Saving and previews",
    "Memory and speed",
    "Blocks",
];
/** @type {Map<string, Field>} */
const fields = new Map();

/** @param {any} setting */
function made(setting) {
    const {name} = setting;
    const field = fieldOf(
        setting,
        (value) => change({[name]: value}),
        () => back([name]),
    );
    fields.set(name, field);
    return field.element;
}

/** Fields of the folders of pictures. */
export const foldersElement = () => h("div", {class: "tt-fields"}, state.declared.filter(isFolder).map(made));

/** @param {any} setting */
const isFolder = (setting) => setting.heading === FOLDERS;

/** The page of all other settings. */
export function formElement() {
    const settings = state.declared.filter((one) => !isFolder(one)),
        found = new Set(settings.map((one) => one.heading)),
        headings = [...new Set([...ORDER.filter((one) => found.has(one)), ...found])];
    return h(
        "div",
        {class: "tt-form"},
        h("div", {class: "tt-form-head"}, searchElement(fields), undoElement(), importElement()),
        importedElement(),
        presetElement(toggleDiffering),
        h("div", {class: "tt-fine tt-next", role: "status", hidden: true}),
        headings.map((heading) =>
            groupElement(
                heading,
                settings.filter((one) => one.heading === heading),
                made,
            ),
        ),
        fileElement(),
        h("div", {class: "tt-empty tt-none", role: "status", hidden: true}, t("No such setting.")),
    );
}

function undoElement() {
    return h("button", {class: "tt-button tt-undo", disabled: true, click: undo}, t("Undo a setting"));
}

function undo() {
    const [name] = takeBack();
    if (name && fields.has(name)) goToField(name);
}

function show() {
    const known = Boolean(answered()),
        differs = differences();
    for (const setting of state.declared) {
        const field = fields.get(setting.name);
        if (!field) continue;
        if (known) field.show(valueOf(setting.name));
        field.element.querySelector(":is(input, select, textarea)").disabled = !known;
        showBack(setting, field, differs.get(setting.name));
    }
    showUndo();
    filter();
}
on("settings", show);
on("planned", show); // blocks are those of the base model

/** @param {any} setting @param {Field} field @param {any} difference */
function showBack(setting, field, difference) {
    const way = field.element.querySelector(".tt-back");
    way.hidden = !difference;
    if (!difference) return;
    const words = wordsOf(setting, difference.value);
    way.textContent = `↺ ${words}`;
    way.title = fill(t("Back to the preset: {}"), words);
    way.setAttribute("aria-label", told(labelText(setting), way.title));
}

/** A value in words. @param {any} setting @param {any} value */
const wordsOf = (setting, value) =>
    typeof value === "boolean" ? t(value ? "on" : "off") : textOf(setting, value) || t("empty");

function showUndo() {
    const button = find(".tt-undo"),
        next = undoable();
    button.disabled = !next;
    const names = Object.keys(next || {}).filter((name) => name !== "preset"),
        setting = state.declared.find((one) => one.name === names[0]);
    const what = names.length > 1 ? fill(t("{} settings"), names.length) : setting ? labelText(setting) : "";
    button.textContent = what ? told(t("Undo a setting"), what) : t("Undo a setting");
    if (setting && names.length === 1 && next) button.title = wordsOf(setting, next[names[0]]);
    else button.removeAttribute("title");
}

/** Show a setting's field, wherever it stands, and put the keys into it. @param {string} name */
export function goToField(name) {
    const field = fields.get(name);
    if (!field) return false;
    const page = field.element.closest("[role=tabpanel]");
    if (page) page.dispatchEvent(new Event("tt-show"));
    for (let fold = field.element.closest("details"); fold; fold = fold.parentElement.closest("details"))
        fold.open = true;
    if (field.element.hidden) showAll();
    field.element.scrollIntoView({block: "center"});
    field.focus();
    return true;
}
