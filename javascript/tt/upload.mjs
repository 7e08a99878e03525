// @ts-check
// Pictures and captions that are dropped or chosen: sent in parts, with where they lie in their folder.
import * as api from "./api.mjs";
import {find, h, isOn, within} from "./dom.mjs";
import {dropped, isTaken, partsOf} from "./files.mjs";
import {showError} from "./messages.mjs";
import {here, tell} from "./state.mjs";
import {fill, sentences, t} from "./words.mjs";

const LISTED = 10;
/** @type {Record<string, string>} */
const TOLD = {
    kept: "{} added",
    same: "{} were there already",
    renamed: "{} got a number: others had their names",
    left_out: "{} left out: hidden, or neither picture nor caption",
};

const ACCEPTED = ".png,.jpg,.jpeg,.webp,.bmp,.avif,.txt,.caption";

/** The place where files are dropped. */
export const dropElement = () => [
    h(
        "div",
        {class: "tt-drop", tabindex: "0", role: "button", "aria-label": t("Add pictures")},
        h("b", {}, t("Drop pictures or folders here")),
        h("span", {class: "tt-fine"}, t("with their captions in .txt files, or click to choose")),
        h("input", {type: "file", multiple: true, accept: ACCEPTED, hidden: true}),
    ),
    h(
        "label",
        {class: "tt-fine"},
        `${t("Times that each of them is trained in an epoch (repeats):")} `,
        h("input", {class: "tt-repeats", type: "number", min: 1, max: 10000, value: 10}),
    ),
    h("div", {class: "tt-taken tt-fine", role: "status"}),
];

const input = () => find(".tt-drop input[type=file]");

/** @param {any[]} part @param {import("./state.mjs").Place} of */
async function send(part, of) {
    const form = new FormData();
    for (const {file, path} of part) {
        form.append("files", file);
        form.append("paths", path);
    }
    form.append("repeats", (find(".tt-repeats") || {value: "10"}).value);
    const cut = t("The upload was cut off; drop the files again.");
    return (await api.upload(of, form)) || {error: {message: cut, problems: []}};
}

/** @param {import("./files.mjs").Found[]} files */
async function upload(files) {
    const of = here(),
        title = find(".tt-drop b");
    if (!of.project || !of.version) {
        const message = t("Make a project first: press + beside Project.");
        return showError({message, problems: [], cause: "project"});
    }
    const sent = /** @type {any[]} */ (files.filter((one) => one.file && isTaken(one.path, input().accept)));
    /** @type {any} */
    const all = {kept: 0, same: 0, renamed: 0, left_out: files.length - sent.length, refused: []};
    const usual = (title.dataset.said = title.dataset.said || title.textContent);
    let done = 0,
        failed = null;
    for (const part of partsOf(sent)) {
        title.textContent = `${t("Uploading")} ${done} / ${sent.length}...`;
        const found = await send(part, of);
        failed = found.error;
        if (failed) break;
        for (const name of Object.keys(TOLD)) all[name] += found[name];
        all.refused.push(...sentences(found, "refused"));
        done += part.length;
    }
    title.textContent = usual;
    find(".tt-taken").textContent = countsText(all);
    showError(failed || (all.refused.length ? {message: short(all.refused), problems: []} : null));
    tell("plan");
}

/** @param {Record<string, any>} all */
const countsText = (all) =>
    Object.keys(TOLD)
        .filter((name) => all[name])
        .map((name) => fill(t(TOLD[name]), all[name]))
        .join(", ");

/** @param {string[]} lines */
function short(lines) {
    if (lines.length <= LISTED) return lines.join("\n");
    return [...lines.slice(0, LISTED), fill(t("and {} more"), lines.length - LISTED)].join("\n");
}

/** @param {DragEvent} event */
async function onDrop(event) {
    const drop = within(event, ".tt-drop");
    if (!drop) return;
    event.preventDefault();
    event.stopPropagation();
    drop.classList.toggle("tt-over", event.type === "dragover");
    if (event.type !== "drop" || !event.dataTransfer) return;
    try {
        upload(await dropped(event.dataTransfer, input().accept));
    } catch {
        const message = t("A file or folder cannot be read; check its permissions and drop it again.");
        showError({message, problems: []});
    }
}
document.addEventListener("dragover", onDrop, true);
document.addEventListener("dragleave", onDrop, true);
document.addEventListener("drop", onDrop, true);

document.addEventListener("change", (event) => {
    if (!isOn(event, ".tt-drop input[type=file]")) return;
    const target = /** @type {any} */ (event.target);
    const files = [...target.files].map((file) => ({file, path: file.webkitRelativePath || file.name}));
    target.value = ""; // or choosing the same files again would be no change
    upload(files);
});
document.addEventListener("click", (event) => {
    const target = /** @type {any} */ (event.target);
    if (within(event, ".tt-drop") && !target.closest("input,label,[data-act]")) input().click();
});
document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && isOn(event, ".tt-drop")) input().click();
});
