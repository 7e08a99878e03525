// @ts-check
// Figures of checkpoints, what each of them tells, and the checkpoint that they speak for.
import {figures} from "./judgeapi.mjs";
import {all, h} from "./dom.mjs";
import {span} from "./formats.mjs";
import {ofNewest} from "./judgechart.mjs";
import {chart} from "./judgedrawing.mjs";
import {fill, sentence, t} from "./words.mjs";

export const MEASURES =
    "Measures all checkpoints of the newest run with the base model alone, and says which to take and why";

/** @type {{name: string, installed: boolean}[]} */
let there = [];
let installs = true;

/**
 * What is measured of a version's checkpoints, with a button that measures them; ``follow`` of it asks anew.
 * @param {string} project @param {string} version
 */
export function figuresElement(project, version) {
    const inside = h("div", {class: "tt-judged"}),
        made = h("section", {class: "tt-judge", "aria-label": t("Figures of checkpoints"), hidden: true}, inside);
    made.follow = async () => {
        const found = await figures({project, version}).catch(() => null);
        if (!found || (found.error && made.hidden)) return; // it is asked for again
        const text = JSON.stringify(found);
        if (text === made.drawn) return; // what has the keys keeps them
        made.drawn = text;
        made.hidden = false;
        inside.replaceChildren(...(found.error ? [h("p", {}, sentence(found.error, "message"))] : parts(found)));
        followInstalled(there, installs);
    };
    made.follow();
    return made;
}

/** Fill a place with them, or ask anew where they are of the same version. @param {any} place @param {string} project
 * @param {string} version empty where there is none */
export function showFigures(place, project, version) {
    const key = `${project}/${version}`;
    if (place.dataset.of === key) return place.firstChild?.follow();
    place.dataset.of = key;
    place.replaceChildren(...(project && version ? [figuresElement(project, version)] : []));
}

/** @param {any} found */
function parts(found) {
    const {checkpoints, shown, suggestion} = found;
    if (found.state === "none")
        return [head(t("Which checkpoint?"), t("Measure checkpoints")), h("p", {class: "tt-fine"}, t(MEASURES))];
    const newest = ofNewest(checkpoints);
    return [
        head(t("Which checkpoint?"), t("Measure what is new")),
        suggestion && h("p", {class: "tt-suggestion"}, sentence(suggestion, "reason")),
        suggestion?.checkpoint && takenElement(`${suggestion.checkpoint}.safetensors`),
        found.state === "part" && !suggestion && h("p", {class: "tt-fine"}, t("Which one to take is said when all checkpoints of the run are measured.")), // prettier-ignore
        h(
            "div",
            {class: "tt-judge-charts"},
            shown.map((/** @type {any} */ figure) => chart(figure, newest, suggestion)),
        ),
        h("p", {class: "tt-fine"}, fill(t("{} measured in {}"), checkpoints.length, span(found.seconds || 0))),
    ].filter(Boolean);
}

/** What can be done with the checkpoint that is suggested. @param {string} name of its file */
function takenElement(name) {
    const button = (/** @type {string} */ act, /** @type {string} */ words) =>
        h("button", {class: "tt-button", type: "button", "data-act": act, "data-name": name}, words);
    const label = t("The suggested checkpoint");
    return h("div", {class: "tt-taken", role: "group", "aria-label": label}, button("show-row", t("Show")), button("install", "")); // prettier-ignore
}

/**
 * The suggested checkpoint's button says whether it is installed.
 * @param {{name: string, installed: boolean}[]} checkpoints those that are there @param {boolean} can whether there is a
 * folder to install to
 */
export function followInstalled(checkpoints, can) {
    there = checkpoints;
    installs = can;
    for (const button of all('.tt-taken [data-act="install"]')) {
        const one = there.find(({name}) => name === button.dataset.name);
        button.hidden = !installs || !one;
        button.textContent = t(one?.installed ? "✓ Installed" : "Install to Lora");
    }
}

/** @param {string} title @param {string} label */
const head = (title, label) =>
    h(
        "div",
        {class: "tt-judge-head"},
        h("h3", {}, title),
        h("button", {class: "tt-button", type: "button", "data-act": "judge", title: t(MEASURES)}, label),
    );
