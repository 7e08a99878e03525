// @ts-check
// The row on top: which project and version are shown, and notes about the project.
import * as api from "./api.mjs";
import {find, h} from "./dom.mjs";
import {choose, opens, versionsOf} from "./places.mjs";
import {here, on, state} from "./state.mjs";
import {over, showError} from "./messages.mjs";
import {fill, told, sentence, t} from "./words.mjs";

const LISTED = 10;
let written = "", // the notes, as the server has them
    notesOf = "";

export function barElement() {
    return h(
        "header",
        {class: "tt-places"},
        choiceElement("project", t("Project"), ["create", "rename", "delete", "travel"], (name) =>
            choose({project: name, version: ""}),
        ),
        choiceElement("version", t("Version"), ["create", "copy", "rename", "delete"], (name) =>
            choose({project: state.project, version: name}),
        ),
        h(
            "label",
            {class: "tt-notes"},
            h("span", {}, t("Notes")),
            h("input", {
                id: "train_tools_notes",
                type: "text",
                placeholder: t("What this project is about"),
                change: writeNotes,
            }),
        ),
        h("div", {class: "tt-closed", hidden: true}),
    );
}

/** @type {Record<string, string>} */
const NAMES = {create: "New", copy: "Copy", rename: "Rename", delete: "Delete", travel: "Other machines"};
/** @type {Record<string, string>} drawings of the buttons */
const PATHS = {
    create: "M8 3v10M3 8h10",
    copy: "M6 6h7v7H6zM3 10V3h7",
    rename: "M3 13l1-4 7-7 3 3-7 7zM9.5 3.5l3 3",
    delete: "M3 4h10M6 4V2.5h4V4M4.5 4l.7 9.5h5.6L11.5 4",
    travel: "M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3",
};

/** @param {"project" | "version"} what @param {string} label @param {string[]} acts @param {(name: string) => void} chosen */
function choiceElement(what, label, acts, chosen) {
    const id = `train_tools_${what}`;
    return h(
        "div",
        {class: "tt-choice"},
        h("label", {for: id}, label),
        h(
            "span",
            {},
            h("select", {id, change: (/** @type {any} */ event) => chosen(event.target.value)}),
            acts.map((act) => buttonElement(act, what, label)),
        ),
    );
}

/** @param {string} act @param {string} what @param {string} label */
function buttonElement(act, what, label) {
    const says = told(t(NAMES[act]), label),
        made = h("button", {class: "tt-tool", "data-act": `${act}-${what}`, title: says, "aria-label": says});
    made.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${PATHS[act]}"/></svg>`;
    return made;
}

function show() {
    fillChoice(find("#train_tools_project"), state.projects, state.project);
    fillChoice(find("#train_tools_version"), versionsOf(state.project), state.version);
    for (const [what, chosen] of [
        ["project", state.project],
        ["version", state.version],
    ])
        for (const act of ["copy", "rename", "delete", "travel"]) {
            const button = find(`[data-act="${act}-${what}"]`);
            if (button) button.disabled = !chosen;
        }
    find('[data-act="create-version"]').disabled = !state.project;
    showClosed();
    showNotes();
}
on("place", show);

/** @param {any} select @param {import("./state.mjs").Entry[]} entries @param {string} chosen */
function fillChoice(select, entries, chosen) {
    const names = entries.filter(opens).map((one) => one.name),
        now = [...select.options].map((/** @type {any} */ option) => option.value);
    if (names.join("\n") !== now.join("\n"))
        select.replaceChildren(...names.map((name) => h("option", {value: name, translate: "no"}, name)));
    select.value = chosen;
    select.disabled = !names.length;
}

/** What stands in the output folder and cannot be opened, and why; no more of it than one can read. */
function showClosed() {
    const box = find(".tt-closed"),
        closed = [...state.projects, ...versionsOf(state.project)].filter((one) => !opens(one));
    box.hidden = !closed.length;
    const more = closed.length > LISTED ? [h("div", {}, fill(t("and {} more"), closed.length - LISTED))] : [];
    const lines = closed.slice(0, LISTED).map((one) => h("div", {}, told(one.name, sentence(one, "problem"))));
    box.replaceChildren(h("b", {}, t("Cannot be opened")), ...lines, ...more);
}

async function showNotes() {
    const box = find("#train_tools_notes"),
        {project} = here();
    box.disabled = !project;
    if (notesOf !== project) box.value = "";
    notesOf = project;
    const found = project ? await api.project(project).catch(() => null) : {notes: ""};
    if (!found || project !== state.project) return;
    if (found.error) return showError({...found.error, cause: "project"});
    if (box.value === written || document.activeElement !== box) box.value = found.notes;
    written = found.notes;
}

async function writeNotes() {
    const notes = find("#train_tools_notes").value,
        {project} = here();
    if (!project) return;
    const found = await api.changeProject(project, {notes}).catch(() => null);
    if (!found || found.error) return showError({...(found || {message: t("No answer.")}).error, cause: "project"});
    over("project");
    if (project === state.project) written = notes;
}
