// @ts-check
// The settings as the file that the command line reads, to look at and to copy.
import {find, h} from "./dom.mjs";
import {answered} from "./settings.mjs";
import {on, state} from "./state.mjs";
import {t} from "./words.mjs";

const COPIED_MS = 2000;

/**
 * Settings by section, as version.json has them.
 * @param {{name: string, section: string}[]} declared
 * @param {Record<string, any>} values
 */
export function fileText(declared, values) {
    /** @type {Record<string, Record<string, any>>} */
    const found = {};
    for (const {name, section} of declared) (found[section] ||= {})[name] = values[name];
    return JSON.stringify(found, null, 2);
}

export const fileElement = () =>
    h(
        "details",
        {class: "tt-group tt-file", toggle: show},
        h("summary", {}, t("As a settings file")),
        h("p", {class: "tt-fine"}, t("What train-tools train --config reads, and so another version or machine.")),
        h("pre", {tabindex: "0", "aria-label": t("As a settings file"), translate: "no"}),
        h("button", {class: "tt-button", click: copy}, t("Copy")),
    );

function show() {
    const box = find(".tt-file"),
        found = answered();
    if (box.open) box.querySelector("pre").textContent = found ? fileText(state.declared, found.values) : "";
}
on("settings", show);

/** @param {any} event */
async function copy(event) {
    const button = event.currentTarget;
    try {
        await navigator.clipboard.writeText(find(".tt-file pre").textContent);
    } catch {
        getSelection()?.selectAllChildren(find(".tt-file pre")); // an address without https: the person copies
        return;
    }
    button.textContent = t("Copied");
    setTimeout(() => (button.textContent = t("Copy")), COPIED_MS);
}
