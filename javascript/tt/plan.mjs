// @ts-check
// The plan follows each change.
import * as api from "./api.mjs";
import {labelPreviews} from "./checkpoints.mjs";
import {card, find, isVisible} from "./dom.mjs";
import {size, span, text} from "./formats.mjs";
import {mark, markUnused, over, problemsHtml} from "./messages.mjs";
import {showPictures} from "./pictures.mjs";
import {keepSettings} from "./settings.mjs";
import {here, isPlace, on, state} from "./state.mjs";
import {sentence, t} from "./words.mjs";

let asked = 0;

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
    const problems = (found.error ? found.error.problems : found.problems) || [];
    const fresh = hasNoPictures(problems);
    mark(fresh ? [] : problems);
    markUnused(found.unused || []);
    if (!problems.length || fresh) over("settings");
    place.innerHTML = fresh ? freshHtml() : planHtml(found, problems);
    state.previews = found.preview_pictures || 0;
    labelPreviews();
    showPictures();
}
on("plan", plan);

/** @param {any} place */
function showNothing(place) {
    place.innerHTML = `<div class="tt-empty">${t("Make a project to begin: press + beside Project.")}</div>`;
    find(".tt-checkpoints").innerHTML = "";
    showPictures();
}

/** Whether a new version lacks its pictures and nothing else. @param {import("./messages.mjs").Problem[]} problems */
export const hasNoPictures = (problems) =>
    problems.length === 1 && problems[0].setting === "train_data_dir" && problems[0].value === "()";

function freshHtml() {
    const link = `<a href="#" data-act="goto" data-setting="train_data_dir">${t("Now add pictures")}</a>`;
    return `<div class="tt-empty">${link}: ${t("drop them on the Pictures page, or name a folder there.")}</div>`;
}

/** @param {any} found @param {import("./messages.mjs").Problem[]} problems */
export function planHtml(found, problems) {
    if (found.error && !problems.length) return `<div class="tt-empty">${text(sentence(found.error, "message"))}</div>`;
    const wrong = problemsHtml(problems);
    return (found.error ? "" : figuresHtml(found)) + (wrong ? `<ul class="tt-wrongs">${wrong}</ul>` : "");
}

const SPEED_IS_OF = "At the speed of the newest run of this kind; previews made meanwhile come on top.";

/** @param {any} found */
function figuresHtml(found) {
    const cards = [
        card(found.pictures, "pictures"),
        card(found.steps, "steps"),
        card(found.epochs, "epochs"),
        card(found.saves, "checkpoints"),
        card(size(found.memory_bytes), "memory"),
        found.seconds ? card(`~${span(found.seconds)}`, "time", SPEED_IS_OF) : "",
    ];
    const unknown = `<div class="tt-fine">${t("Time: known after the first run of this kind.")}</div>`;
    const details = `<details><summary>${t("Details")}</summary><pre>${text(sentence(found, "text"))}</pre></details>`;
    return `<div class="tt-cards">${cards.join("")}</div>${found.seconds || !found.pictures ? "" : unknown}${details}`;
}
