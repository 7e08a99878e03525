// @ts-check
// The name of the first project: suggested, written, and changed as long as the card stands.
import * as api from "./api.mjs";
import {note} from "./begin.mjs";
import {find, h} from "./dom.mjs";
import {over, showError} from "./messages.mjs";
import {findPlaces} from "./places.mjs";
import {here, isPlace, state} from "./state.mjs";
import {t} from "./words.mjs";

export const nameElement = () =>
    h(
        "label",
        {class: "tt-first tt-name"},
        h("span", {}, t("Name")),
        h("input", {
            id: "train_tools_name",
            type: "text",
            maxlength: 64,
            autocomplete: "off",
            spellcheck: "false",
            input: (/** @type {any} */ event) => (event.target.dataset.typed = event.target.value.trim()),
            change: rename,
        }),
    );

/** The project that was made already gets the name that is written now. */
async function rename() {
    const {project, version} = here(),
        name = find("#train_tools_name").value.trim();
    if (!project || name === project) return;
    note(name); // another window's answer may tell of it before ours
    const found = name ? await api.changeProject(project, {name}).catch(() => null) : null;
    if (!found || found.error) {
        if (found) showError({...found.error, cause: "project"});
        find("#train_tools_name").value = project;
        return;
    }
    over("project");
    await findPlaces({project: found.name, version});
}

/** The name that the project has, or would have; what is being written stays. */
export function showName() {
    const box = find("#train_tools_name"),
        isBeingWritten = document.activeElement === box && box.value !== box.dataset.shown;
    if (isBeingWritten || (!isPlace() && box.dataset.typed)) return;
    box.value = box.dataset.shown = isPlace() ? state.project : state.suggested;
}
