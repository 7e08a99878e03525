// @ts-check
// The settings as a file: for the command line, or for kohya's sd-scripts; to look at, to copy and to save.
import * as api from "./api.mjs";
import {copyText} from "./copying.mjs";
import {find, h} from "./dom.mjs";
import {download} from "./ownpresets.mjs";
import {answered} from "./settings.mjs";
import {here, on, state} from "./state.mjs";
import {sentences, t} from "./words.mjs";

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
        h("select", {"aria-label": t("For which program"), change: show}, h("option", {value: "json"}, "Train Tools (JSON)"), h("option", {value: "toml"}, "kohya sd-scripts (TOML)")),
        h("pre", {tabindex: "0", "aria-label": t("As a settings file"), translate: "no"}),
        h("ul", {class: "tt-remarks"}),
        h("div", {class: "tt-acts"}, h("button", {class: "tt-button", type: "button", click: copy}, t("Copy")), h("button", {class: "tt-button", type: "button", "data-settings": "save", click: save}, t("Save as a file"))),
    ); // prettier-ignore

const kind = () => find(".tt-file select").value;

async function show() {
    const box = find(".tt-file"),
        found = answered();
    if (!box.open) return;
    const file = kind() === "toml" && found ? await toml() : null;
    if (file && kind() !== "toml") return; // somebody chose again meanwhile
    box.querySelector("pre").textContent = file ? file.text : found ? fileText(state.declared, found.values) : "";
    const notes = file ? sentences(file, "notes") : [];
    box.querySelector("ul").replaceChildren(...notes.map((note) => h("li", {}, note)));
}
on("settings", show);

async function toml() {
    const found = await api.ask("GET", `${api.below(here(), "settings", "file")}?kind=toml`).catch(() => null);
    return found && !found.error ? found : {name: "", text: "", notes: []};
}

function save() {
    const {project, version} = here();
    download(`${project}-${version}.${kind()}`, find(".tt-file pre").textContent);
}

/** @param {any} event */
const copy = (event) => copyText(event.currentTarget, find(".tt-file pre"));
