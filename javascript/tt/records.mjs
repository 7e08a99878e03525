// @ts-check
// The page Records: what came of a version, in words, and two versions side by side.
import {checkpoints} from "./api.mjs";
import {find, h} from "./dom.mjs";
import {over, showError} from "./messages.mjs";
import {notes, writeNotes} from "./records_api.mjs";
import {here, isPlace, on, samePlace} from "./state.mjs";
import {showOthers, versusElement} from "./versus.mjs";
import {fill, t} from "./words.mjs";

const PAGE = "#tt-page-records";
/** @type {Record<string, string>} what the fields hold, as the server has it */
let written = {};
let writtenOf = {project: "", version: ""};

export const recordsElement = () =>
    h(
        "div",
        {class: "tt-records"},
        h(
            "section",
            {class: "tt-group", "aria-labelledby": "tt-record-title"},
            h("h3", {id: "tt-record-title"}, t("What came of this version")),
            h("p", {class: "tt-copy-of tt-quiet", hidden: true}),
            areaElement("conclusion", t("Conclusion"), 2, t("What came of it, in a sentence or two")),
            h(
                "label",
                {},
                h("span", {}, t("Best checkpoint")),
                h("select", {id: "tt-record-best", "data-record": "best", change: write, translate: "no"}),
            ),
            areaElement("notes", t("Notes on this version"), 5, t("What was tried, and why")),
            h("p", {class: "tt-recorded tt-quiet", role: "status"}),
        ),
        versusElement(),
    );

/** @param {string} name @param {string} label @param {number} rows @param {string} placeholder */
const areaElement = (name, label, rows, placeholder) =>
    h(
        "label",
        {},
        h("span", {}, label),
        h("textarea", {
            id: `tt-record-${name}`,
            "data-record": name,
            rows,
            placeholder,
            translate: "no",
            change: write,
        }),
    );

const fields = () => ["conclusion", "best", "notes"].map((name) => find(`#tt-record-${name}`));

/** Ask for what is written of the version that is chosen, and which others there are. */
export async function showRecords() {
    const of = here(),
        isOther = !samePlace(of, writtenOf);
    for (const field of fields()) {
        field.disabled = !isPlace();
        if (isOther) field.value = "";
    }
    if (isOther) [written, writtenOf, find(".tt-recorded").textContent] = [{}, of, ""];
    showOthers();
    if (!isPlace()) return;
    const [found, listed] = await Promise.all([notes(of), checkpoints(of)]).catch(() => [null, null]);
    if (!found || !samePlace(of, here())) return;
    if (found.error) return showError({...found.error, cause: "project"});
    offer(listed.checkpoints || [], found.best);
    for (const field of fields()) {
        const {record} = field.dataset,
            isBeingWritten = document.activeElement === field && field.value !== (written[record] || "");
        if (!isBeingWritten) field.value = found[record];
    }
    written = found;
    const origin = find(".tt-copy-of");
    origin.hidden = !found.copy_of;
    origin.textContent = fill(t("Began as a copy of {}"), found.copy_of);
}

/** Fill the list of checkpoints; the best one is there also when its file is not. @param {any[]} files @param {string} best */
function offer(files, best) {
    const names = files.map(({name}) => name),
        all = best && !names.includes(best) ? [best, ...names] : names;
    find("#tt-record-best").replaceChildren(
        h("option", {value: "", translate: "yes"}, t("not chosen")),
        ...all.map((name) => h("option", {value: name}, name)),
    );
}

/** Write what was changed. @param {any} event */
async function write({target}) {
    const of = here(),
        {record} = target.dataset,
        value = target.value;
    if (!isPlace()) return;
    const found = await writeNotes(of, {[record]: value}).catch(() => null);
    if (!found || found.error) {
        const {error} = found || {error: {message: t("No answer.")}};
        return showError({...error, cause: "project"});
    }
    over("project");
    if (!samePlace(of, here())) return;
    written = found;
    find(".tt-recorded").textContent = t("Saved");
}

const showIfOpen = () => find(PAGE) && !find(PAGE).hidden && showRecords();
on("place", showIfOpen);
on("checkpoints", showIfOpen);
