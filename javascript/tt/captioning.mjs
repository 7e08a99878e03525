// @ts-check
// The editor of the open picture's caption, and what its buttons do.
import {drawer} from "./caption.mjs";
import {copied, copy, listen} from "./clipboard.mjs";
import {find, h} from "./dom.mjs";
import {Editor} from "./editor.mjs";
import {fill, t} from "./words.mjs";

/** @type {Editor | null} */
let open = null;

/** The editor of the open picture. */
export const editing = () => (drawer.open ? open : null);

/** Fill the place of the caption. @param {any} place @param {{caption: string, prose: boolean}} picture */
export function openEditor(place, picture) {
    open = new Editor(picture, actsElement);
    place.replaceChildren(open.element);
    showCopied();
}

/** @param {Editor} editor */
const actsElement = (editor) =>
    h(
        "div",
        {class: "tt-acts"},
        h("button", {class: "tt-button", type: "button", click: copyTags}, t("Copy tags")),
        h(
            "button",
            {class: "tt-button tt-paste", type: "button", click: () => editor.paste(copied())},
            t("Paste tags"),
        ),
        h("span", {class: "tt-copied", role: "status"}),
        h("button", {class: "tt-button tt-back-caption", type: "button", disabled: true, click: () => editor.takeBack()}, t("Undo in this caption")), // prettier-ignore
    );

function copyTags() {
    if (open) copy(open.tags);
    tellCopied();
}

function tellCopied() {
    showCopied();
    find(".tt-drawer .tt-copied").textContent = fill(t("Copied tags: {}"), copied().length);
}

function showCopied() {
    const button = open?.element.querySelector(".tt-paste"),
        tags = copied();
    if (!button) return;
    button.disabled = !tags.length;
    button.title = tags.join(", ");
}

listen(editing, tellCopied);
