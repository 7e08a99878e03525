// @ts-check
// Settings of files, of this or another program, become those of the version, and can be taken back.
import {ask} from "./api.mjs";
import {h, within} from "./dom.mjs";
import {whyNot} from "./done.mjs";
import {answered, change, valueOf} from "./settings.mjs";
import {here, samePlace} from "./state.mjs";
import {same} from "./values.mjs";
import {fill, sentences, t} from "./words.mjs";

export const ENDINGS = ".json,.toml";
/** @type {any} */
let said;

/** A button that asks for files, and what came of them. */
export function importElement() {
    const input = h("input", {type: "file", multiple: true, hidden: true, accept: ENDINGS, change: chosen});
    const title = t(
        "Files of kohya's sd-scripts, its GUIs, lora-scripts or OneTrainer, or of Train Tools; drop them here too",
    );
    return [input, h("button", {class: "tt-button", type: "button", "data-settings": "import", title, click: () => input.click()}, t("Import settings"))]; // prettier-ignore
}

/** Where it is told what came of it. */
export const importedElement = () => (said = h("div", {class: "tt-imported", role: "status"}));

/** @param {any} event */
function chosen({target}) {
    const files = [...target.files];
    target.value = ""; // or choosing the same file again would be no change
    take(files);
}

/** A file's text, in whichever Unicode it begins as. @param {{arrayBuffer: () => Promise<ArrayBuffer>}} file */
export async function textOf(file) {
    const bytes = new Uint8Array(await file.arrayBuffer()),
        start = `${bytes[0]},${bytes[1]}`;
    return new TextDecoder(start === "255,254" ? "utf-16le" : start === "254,255" ? "utf-16be" : "utf-8").decode(bytes);
}

/** @param {any[]} files */
async function take(files) {
    const of = here();
    const sent = await Promise.all(files.map(async (file) => ({name: file.name, text: await textOf(file)})));
    const found = await ask("POST", "settings/read", {files: sent}).catch(() => null);
    if (!found || found.error) return said.replaceChildren(h("p", {class: "tt-problem"}, whyNot(found)));
    if (!samePlace(of, here()) || !answered()) return;
    const changed = Object.keys(found.settings).filter((name) => !same(valueOf(name), found.settings[name])).length,
        notes = sentences(found, "notes");
    change(found.settings, true);
    const words = fill(t(changed === 1 ? "{} setting is as in the file now." : "{} settings are as in the file now."), changed); // prettier-ignore
    said.replaceChildren(
        h("p", {}, words, changed ? ` ${t("Undo a setting takes them back.")}` : ""),
        notes.length ? h("p", {}, t("What could not be taken over, and what to do instead:")) : "",
        notes.length ? h("ul", {class: "tt-remarks"}, notes.map((note) => h("li", {}, note))) : "",
    ); // prettier-ignore
}

/** @param {DragEvent} event */
function onDrop(event) {
    const form = within(event, ".tt-form"),
        transfer = event.dataTransfer;
    if (!form || !transfer || ![...transfer.types].includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    form.classList.toggle("tt-over", event.type === "dragover");
    if (event.type === "drop") take([...transfer.files]);
}
for (const kind of ["dragover", "dragleave", "drop"])
    document.addEventListener(kind, /** @type {any} */ (onDrop), true);
