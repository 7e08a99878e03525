// @ts-check
// What buttons do.
import * as api from "./api.mjs";
import {look} from "./arrange.mjs";
import {listed, showCheckpoints} from "./checkpoints.mjs";
import {asked} from "./dialog.mjs";
import {find, within} from "./dom.mjs";
import {leave} from "./first.mjs";
import {goToField} from "./form.mjs";
import {judge} from "./judgeapi.mjs";
import {showError} from "./messages.mjs";
import {showPage} from "./pages.mjs";
import {PLACE_ORDERS} from "./place_orders.mjs";
import {findPlaces} from "./places.mjs";
import {poll, showGone} from "./poll.mjs";
import {step} from "./queue.mjs";
import * as queue from "./queue_api.mjs";
import {change, keepSettings, revision} from "./settings.mjs";
import {here, state} from "./state.mjs";
import {fill, t} from "./words.mjs";

/** @type {Record<string, (name: string, button: HTMLElement) => Promise<any> | null>} orders, by name of a button */
const ORDERS = {
    train: () => api.begin("train", here(), revision()),
    add: () => api.begin("train", here(), {...revision(), queue: true}),
    unqueue: (_, button) => queue.removeJob(Number(button.dataset.number)),
    retry: (_, button) => queue.retryJob(Number(button.dataset.number)),
    up: (_, button) => step(Number(button.dataset.number), -1),
    down: (_, button) => step(Number(button.dataset.number), 1),
    pause: () => api.wish("pause"),
    continue: () => api.wish("continue"),
    sample: () => api.wish("sample"),
    save: () => api.wish("save"),
    "last-epoch": () => api.wish("last-epoch", state.status.wishes.last_epoch ? "DELETE" : "POST"),
    "go-on": () => api.wish("queue/continue"),
    stop: () => api.wish("stop"),
    resume: () => api.begin("resume", here()),
    "resume-changed": () => api.begin("resume", here(), {with_changes: true}),
    judge: () => judge(here(), queue.turn()),
    "preview-all": () => api.begin("preview", here(), queue.turn()),
    preview: (name) => api.begin("preview", here(), {checkpoints: [name], ...queue.turn()}),
    install: (name) => api.install(here(), name),
    "install-newest": () => api.install(here(), listed()[0].name),
    delete: async (name) => ((await mayDelete(name)) ? api.deleteCheckpoint(here(), name) : null),
};

/** @param {string} name */
const mayDelete = (name) =>
    asked({title: fill(t("Move {} to the trash folder?"), name), does: t("Move to the trash folder")});

/** Settings of a training that begins with a checkpoint; shows them. @param {string} name */
function goOnFrom(name) {
    const {path} = listed().find((one) => one.name === name);
    change({network_weights: path, dim_from_weights: true}, true);
    goToField("network_weights");
}

/** Bring a checkpoint's row into sight, also where another run's are shown. @param {string} name */
async function showRow(name) {
    const row = () => find(`.tt-row[data-name="${CSS.escape(name)}"]`);
    if (!row()) {
        look({run: ""});
        await showCheckpoints();
    }
    row()?.setAttribute("tabindex", "-1");
    row()?.focus();
    row()?.scrollIntoView({block: "center"});
}

/** Show a setting's field; the pictures for a picture or caption. @param {string} name */
function goTo(name) {
    if (goToField(name)) return;
    showPage("pictures");
    find("#train_tools_pictures").scrollIntoView({block: "center"});
}

/** @param {MouseEvent} event */
async function onClick(event) {
    const button = within(event, "[data-act]");
    if (!button) return;
    event.preventDefault();
    const action = button.dataset.act;
    if (action === "goto") goTo(button.dataset.setting);
    else if (action === "go-on-from") goOnFrom(button.closest(".tt-row").dataset.name);
    else if (action === "show-row") await showRow(button.dataset.name);
    else if (action === "show-running") {
        await findPlaces({project: state.status.job.project, version: state.status.job.version});
    } else if (PLACE_ORDERS[action]) await PLACE_ORDERS[action]().catch(() => showGone(true));
    else await order(action, button);
}

/** @param {string} action @param {any} button */
async function order(action, button) {
    const row = button.closest(".tt-row"),
        focused = document.activeElement === button;
    button.disabled = true;
    try {
        await keepSettings();
        const found = await ORDERS[action](button.dataset.name || row?.dataset.name, button);
        if (found) showError(found.error && {...found.error, cause: causeOf(action, found.error)});
        if (found && !found.error && action === "train") leave();
        if (found && !found.error && /^(install|delete)/.test(action)) await showCheckpoints();
    } catch {
        showGone(true);
    } finally {
        button.disabled = false;
        // a browser takes it from what is disabled
        if (focused && document.activeElement === document.body) inPlaceOf(button)?.focus({preventScroll: true});
    }
    poll();
}

/** The button; or the one that came in its place, as Pause in that of Continue, or the same one in a list that was drawn
 * anew, or what that list begins with, while the answer was on its way. @param {any} button */
function inPlaceOf(button) {
    const {act, number} = button.dataset;
    if (!button.isConnected)
        return number && (find(`[data-act="${act}"][data-number="${number}"]`) || find(".tt-queue ol button"));
    return button.hidden ? button.closest(".tt-run-buttons")?.querySelector("button:not([hidden])") : button;
}

/** @param {string} action @param {any} error */
const causeOf = (action, error) => (/^(train|add)$/.test(action) && (error.problems || []).length ? "settings" : "act");

document.addEventListener("click", onClick);
