// @ts-check
// A person's own presets: saved, taken in from files, given away, deleted.
import {ask} from "./api.mjs";
import {asked} from "./dialog.mjs";
import {find, h} from "./dom.mjs";
import {whyNot} from "./done.mjs";
import {showError} from "./messages.mjs";
import {answered, keepSettings, takePreset} from "./settings.mjs";
import {textOf} from "./settings_import.mjs";
import {here, on, state, tell} from "./state.mjs";
import {fill, sentences, t} from "./words.mjs";

/** @type {any} where it is told what came of it */
let said;

export function ownElement() {
    const input = h("input", {type: "file", hidden: true, accept: ".json,.toml", change: takeIn});
    const button = (/** @type {string} */ name, /** @type {string} */ words, /** @type {() => void} */ click) =>
        h("button", {class: "tt-link", type: "button", "data-own": name, click}, words);
    said = h("div", {class: "tt-own-said tt-fine", role: "status"});
    return h(
        "div",
        {class: "tt-own"},
        input,
        button("save", t("Save as a preset"), save),
        button("import", t("Take in a preset"), () => input.click()),
        button("share", t("Save it as a file"), share),
        button("delete", t("Delete this preset"), remove),
        said,
    );
}

/** @param {any} found the server's answer */
function take(found) {
    if (!found || found.error) return whyNot(found);
    state.presets = found.presets;
    tell("settings");
    return "";
}

async function save() {
    await keepSettings();
    const refused = async (/** @type {string} */ name) => take(await ask("POST", "presets", {...here(), name}).catch(() => null)); // prettier-ignore
    const name = await asked({title: t("Name of the preset"), about: t("It keeps all settings but pictures, prompts and files."), value: "", does: t("Save"), refused}); // prettier-ignore
    if (!name) return;
    said.textContent = fill(t("{} is among your presets now."), name);
    await takePreset(name).catch(() => null);
}

/** @param {any} event */
async function takeIn({target}) {
    const [file] = target.files;
    target.value = "";
    const found = await ask("POST", "presets/import", {name: file.name, text: await textOf(file)}).catch(() => null);
    const wrong = take(found);
    const words = wrong ? [wrong] : [fill(t("{} is among your presets now."), found.name), ...sentences(found, "notes")]; // prettier-ignore
    said.replaceChildren(...words.map((one) => h("p", {class: wrong && "tt-problem"}, one)));
}

const chosen = () => (answered() || {}).preset || "";

async function share() {
    const found = await ask("GET", `presets/${encodeURIComponent(chosen() || "defaults")}/file`).catch(() => null);
    if (!found || found.error) return showError({...(found || {}).error, cause: "settings"});
    download(found.name, found.text);
}

/** Give a text to the browser as a file. @param {string} name @param {string} text */
export function download(name, text) {
    const href = URL.createObjectURL(new Blob([text], {type: "application/octet-stream"}));
    h("a", {href, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
}

async function remove() {
    const name = chosen();
    if (!(await asked({title: fill(t("Delete {}?"), name), does: t("Delete")}))) return;
    const wrong = take(await ask("DELETE", `presets/${encodeURIComponent(name)}`).catch(() => null));
    said.textContent = wrong || fill(t("{} is in the trash."), name);
}

on("settings", () => {
    const button = find('[data-own="delete"]');
    if (button) button.hidden = !state.presets.some((one) => one.own && one.name === chosen());
});
