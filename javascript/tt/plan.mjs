// @ts-check
// The plan follows each change. Its figures stay, dimmed, until newer ones come.
import * as api from "./api.mjs";
import {showBase} from "./base.mjs";
import {labelPreviews, showCheckpoints} from "./checkpoints.mjs";
import {fillWith, find, h, isVisible, within} from "./dom.mjs";
import {detailsHtml, figuresHtml, notesHtml, spokenPlan, wrongsHtml} from "./figures.mjs";
import {linked, mark, markUnused, over} from "./messages.mjs";
import {showPictures} from "./pictures.mjs";
import {answered, change, keepSettings, revision} from "./settings.mjs";
import {here, isPlace, on, samePlace, state, tell} from "./state.mjs";
import {told, sentence, t} from "./words.mjs";

let asked = 0,
    figures = "",
    of = here();
/** @type {any[]} */
let advised = [];

export const planElement = () => [
    h("div", {class: "tt-plan", tabindex: "-1"}),
    h("div", {class: "tt-heard", role: "status"}),
];

/** Keep what was changed, and show what a run would do. */
export async function plan() {
    const place = find(".tt-plan");
    if (!place) return;
    await keepSettings().catch(() => null); // without an answer they wait
    state.stale = !isVisible();
    if (state.stale) return;
    if (!isPlace()) {
        showNothing(place);
        return;
    }
    const number = ++asked,
        found = await api.plan(here()).catch(() => null);
    if (!found || number !== asked) return;
    show(place, found);
    state.previews = found.preview_pictures || 0;
    state.worst = found.doctor || null;
    labelPreviews();
    showPictures();
    tell("planned");
}
on("plan", plan);

on("settings", () => {
    const place = find(".tt-plan");
    if (place && answered() && !("revision" in revision())) place.classList.add("tt-old");
});

/** @param {any} place @param {any} found a plan, or why there is none */
function show(place, found) {
    const problems = (found.error ? found.error.problems : found.problems) || [],
        fresh = hasNoPictures(problems);
    mark(fresh ? [] : problems);
    markUnused(found.unused || []);
    if (!problems.length || fresh) over("settings");
    if (!samePlace(of, here())) figures = "";
    of = here();
    if (!found.error) figures = figuresHtml(found, state.host.memory_bytes);
    advised = found.advice || [];
    fillPlace(place, fresh ? freshHtml() : planHtml(found, problems, figures));
    place.classList.toggle("tt-old", Boolean(found.error));
    showBase(found.error ? null : found);
    const says = spokenPlan(found, fresh ? 0 : problems.length),
        heard = find(".tt-heard");
    if (heard.textContent !== says) heard.textContent = says;
}

/** What somebody has opened stays open. @param {any} place @param {string} html */
function fillPlace(place, html) {
    const details = place.querySelector("details"),
        open = Boolean(details && details.open),
        focused = details && details.contains(document.activeElement);
    if (!fillWith(place, html)) return;
    const now = place.querySelector("details");
    if (!now) return;
    now.open = open;
    if (focused) now.firstElementChild.focus();
}

/** @param {any} place */
function showNothing(place) {
    fillWith(
        place,
        `<div class="tt-empty">${t("Drop pictures or take the sample character, then press Train.")}</div>`,
    );
    place.classList.remove("tt-old");
    showCheckpoints();
    showBase(null);
    showPictures();
    tell("planned");
}

/** Whether a new version lacks its pictures and nothing else. @param {import("./messages.mjs").Problem[]} problems */
const hasNoPictures = (problems) =>
    problems.length === 1 && problems[0].setting === "train_data_dir" && problems[0].value === "()";

function freshHtml() {
    const link = `<a href="#" data-act="goto" data-setting="train_data_dir">${t("Now add pictures")}</a>`;
    return `<div class="tt-empty">${told(link, t("drop them on the Pictures page, or name a folder there."))}</div>`;
}

/**
 * @param {any} found
 * @param {import("./messages.mjs").Problem[]} problems
 * @param {string} known figures, of before where there are none now; HTML
 */
function planHtml(found, problems, known) {
    const shown = `<div class="tt-plan-figures">${known}</div>`;
    if (!found.error) return shown + wrongsHtml(problems) + notesHtml(found) + detailsHtml(found);
    if (problems.length) return (known && shown) + wrongsHtml(problems);
    return `<div class="tt-empty">${linked(sentence(found.error, "message"))}</div>`;
}

document.addEventListener("click", (event) => {
    const button = within(event, "[data-advice]");
    if (!button) return;
    change(advised[Number(button.dataset.advice)].changes, true);
    find(".tt-plan").focus();
});
