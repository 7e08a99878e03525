// @ts-check
// Training like a LoRA file: what it tells of its settings becomes those of the version, and can be taken back.
import {h} from "./dom.mjs";
import {whyNot} from "./done.mjs";
import {goToField} from "./form.mjs";
import {settingsLike} from "./lorafiles.mjs";
import {answered, change} from "./settings.mjs";
import {here, samePlace} from "./state.mjs";
import {fill, sentences, t} from "./words.mjs";

/** A button, with what came of it behind. @param {string} file */
export function likeElement(file) {
    const said = h("div", {class: "tt-lora-like", role: "status"});
    const button = h("button", {class: "tt-button", type: "button", "data-lora": "like", click: () => take(file, said)}, t("Train like this file")); // prettier-ignore
    return h("div", {}, h("div", {class: "tt-acts"}, button), said);
}

/** @param {string} file @param {any} said */
async function take(file, said) {
    const of = here(),
        found = await settingsLike(file).catch(() => null);
    if (!found || found.error) return said.replaceChildren(h("p", {class: "tt-problem"}, whyNot(found)));
    if (!samePlace(of, here()) || !answered()) return;
    change(found.settings, true);
    const names = Object.keys(found.settings),
        notes = sentences(found, "notes");
    const words = fill(t(names.length === 1 ? "{} setting is as in the file now." : "{} settings are as in the file now."), names.length); // prettier-ignore
    const way = h("button", {class: "tt-link", type: "button", click: () => goToField(names[0])}, t("Look at them"));
    said.replaceChildren(
        names.length ? h("p", {}, words, " ", way, " ", t("Undo a setting takes them back.")) : "",
        notes.length ? h("ul", {class: "tt-remarks"}, notes.map((note) => h("li", {}, note))) : "",
    ); // prettier-ignore
}
