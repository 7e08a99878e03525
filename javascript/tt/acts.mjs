// @ts-check
// What buttons do.
import * as api from "./api.mjs";
import {listed, showCheckpoints} from "./checkpoints.mjs";
import {find, within} from "./dom.mjs";
import {following} from "./formats.mjs";
import {goTo, showError} from "./messages.mjs";
import {poll, showGone} from "./poll.mjs";
import {keepSettings, revision} from "./settings.mjs";
import {here, state} from "./state.mjs";
import {t} from "./words.mjs";

/** @type {Record<string, (name: string, button: HTMLElement) => Promise<any> | null>} orders, by name of a button */
const ORDERS = {
    train: () => api.begin("train", here(), revision()),
    add: () => api.begin("train", here(), {...revision(), queue: true}),
    unqueue: (_, button) => api.removeJob(Number(button.dataset.number)),
    pause: () => api.wish("pause"),
    continue: () => api.wish("continue"),
    sample: () => api.wish("sample"),
    "go-on": () => api.wish("queue/continue"),
    stop: () => api.wish("stop"),
    resume: () => api.begin("resume", here()),
    "resume-changed": () => api.begin("resume", here(), {with_changes: true}),
    "preview-all": () => api.begin("preview", here()),
    preview: (name) => api.begin("preview", here(), {checkpoints: [name]}),
    install: (name) => api.install(here(), name),
    "install-newest": () => api.install(here(), listed()[0].name),
    delete: (name) => (mayDelete(name) ? api.deleteCheckpoint(here(), name) : null),
};

/** @param {string} name */
const mayDelete = (name) => confirm(`${t("Move to the trash folder")}: ${name}?`);

/** @type {Record<string, string>} */
const ASKS = {create: "Name", copy: "Name of the copy", rename: "New name"};

/** @type {[string, string, import("./state.mjs").Place | null]} what gradio is to do: action, text, version */
let wish = ["", "", null];
export const taken = () => wish;

/** @param {typeof wish} wanted */
function letGradio(...wanted) {
    wish = wanted;
    find("#train_tools_go").click();
}

/** Do something to the chosen project or version. @param {string} action such as "rename-version" */
function actOn(action) {
    const [verb, what] = action.split("-"),
        now = what === "project" ? state.project : state.version;
    if (verb === "delete") {
        if (now && mayDelete(`${t(what === "project" ? "project" : "version")} ${now}`)) letGradio(action, "", null);
        return;
    }
    const answer = prompt(t(ASKS[verb]), verb === "rename" ? now : what === "version" ? following(now || "v0") : "");
    if (answer) letGradio(action, answer, null);
}

/** @param {MouseEvent} event */
async function onClick(event) {
    const button = within(event, "[data-act]");
    if (!button) return;
    event.preventDefault();
    const action = button.dataset.act;
    if (action === "goto") goTo(button.dataset.setting);
    else if (action === "show-running") {
        letGradio("show", "", {project: state.status.job.project, version: state.status.job.version});
    } else if (/-(project|version)$/.test(action)) actOn(action);
    else await order(action, button);
}

/** @param {string} action @param {any} button */
async function order(action, button) {
    const row = button.closest(".tt-row"),
        focused = document.activeElement === button;
    button.disabled = true;
    try {
        await keepSettings();
        const found = await ORDERS[action](row && row.dataset.name, button);
        if (found) showError(found.error && {...found.error, cause: causeOf(action, found.error)});
        if (found && !found.error && /^(install|delete)/.test(action)) await showCheckpoints();
    } catch {
        showGone(true);
    } finally {
        button.disabled = false;
        if (focused) inPlaceOf(button)?.focus(); // a browser takes it from what is disabled
    }
    poll();
}

/** The button; or the one that came in its place, as Pause in that of Continue, while the answer was on its way.
 * @param {any} button */
const inPlaceOf = (button) =>
    button.hidden ? button.closest(".tt-run-buttons")?.querySelector("button:not([hidden])") : button;

/** @param {string} action @param {any} error */
const causeOf = (action, error) => (/^(train|add)$/.test(action) && (error.problems || []).length ? "settings" : "act");

document.addEventListener("click", onClick);
