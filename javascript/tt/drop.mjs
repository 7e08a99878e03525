// @ts-check
// The place where pictures and captions are dropped, or chosen from.
import {find, h, isOn, isVisible, within} from "./dom.mjs";
import {dropped} from "./files.mjs";
import {lastingElement} from "./lasting.mjs";
import {showError} from "./messages.mjs";
import {openOutputs} from "./outputs.mjs";
import {state} from "./state.mjs";
import {ACCEPTED, upload} from "./upload.mjs";
import {t} from "./words.mjs";

export const dropElement = () => [
    h(
        "div",
        {class: "tt-drop", role: "group", "aria-label": t("Add pictures")},
        h("b", {}, t("Drop pictures or folders here")),
        h("span", {class: "tt-fine"}, t("or a zip, with captions in .txt files beside them")),
        h(
            "span",
            {class: "tt-acts"},
            chooseElement(t("Choose pictures"), {accept: ACCEPTED}),
            chooseElement(t("Choose a folder"), {webkitdirectory: true}),
            state.host.outputs && h("button", {class: "tt-button", type: "button", "data-tool": "outputs", click: openOutputs}, t("From the WebUI's outputs")), // prettier-ignore
        ),
    ),
    h(
        "label",
        {class: "tt-fine tt-repeats-of"},
        `${t("Times that each of them is trained in an epoch (repeats):")} `,
        h("input", {class: "tt-repeats", type: "number", min: 1, max: 10000, value: 10}),
    ),
    lastingElement(),
];

/** A button that opens the browser's own dialog. @param {string} words @param {Record<string, any>} facts */
function chooseElement(words, facts) {
    const input = h("input", {type: "file", multiple: true, hidden: true, ...facts, change: chosen});
    return [input, h("button", {class: "tt-button", type: "button", click: () => input.click()}, words)];
}

/** @param {any} event */
function chosen({target}) {
    const files = [...target.files].map((file) => ({file, path: file.webkitRelativePath || file.name}));
    target.value = ""; // or choosing the same files again would be no change
    upload(files);
}

/** Where an event drops files: in its place, and anywhere while there is no project. @param {DragEvent} event */
function placeOf(event) {
    const own = within(event, ".tt-drop");
    if (own || state.project || !isVisible()) return own;
    const types = event.dataTransfer ? [...event.dataTransfer.types] : [];
    return types.includes("Files") ? find(".tt-drop") : null;
}

/** @param {DragEvent} event */
async function onDrop(event) {
    const drop = placeOf(event);
    if (!drop) return;
    event.preventDefault();
    event.stopPropagation();
    drop.classList.toggle("tt-over", event.type === "dragover");
    if (event.type !== "drop" || !event.dataTransfer) return;
    try {
        await upload(await dropped(event.dataTransfer, ACCEPTED));
    } catch {
        const message = t("A file or folder cannot be read; check its permissions and drop it again.");
        showError({message, problems: []});
    }
}
document.addEventListener("dragover", onDrop, true);
document.addEventListener("dragleave", onDrop, true);
document.addEventListener("drop", onDrop, true);

document.addEventListener("click", (event) => {
    if (isOn(event, ".tt-drop, #train_tools_root .tt-drop > :is(b, span)")) find(".tt-drop input[type=file]").click();
});
