// @ts-check
// Asks in turn what goes on; nobody is asked while nobody looks.
import * as api from "./api.mjs";
import {find, isVisible} from "./dom.mjs";
import {curveStep} from "./chart.mjs";
import {askCheckpointsAnew} from "./checkpoints.mjs";
import {show} from "./panel.mjs";
import {followPlaces} from "./places.mjs";
import {plan} from "./plan.mjs";
import {followSettings} from "./settings.mjs";
import {here, samePlace, state, tell} from "./state.mjs";
import {sentence, t} from "./words.mjs";

const BUSY_MS = 500,
    IDLE_MS = 4000,
    UNSEEN_MS = 500,
    SILENT_MS = 4000;
let timer = 0,
    base = ""; // what is loaded

/** Ask now, and then again and again. */
export async function poll() {
    clearTimeout(timer);
    if (!isVisible()) {
        timer = window.setTimeout(poll, UNSEEN_MS); // which looks, and asks nobody
        return;
    }
    const of = here(),
        silent = setTimeout(showGone, SILENT_MS, true);
    const found = await api.now(of, curveStep()).catch(() => null);
    clearTimeout(silent);
    const answers = Boolean(found && found.job);
    showGone(!answers, found && found.error);
    if (answers) {
        show(found);
        tell("now");
        if (samePlace(of, here())) followSettings(found.revision);
        followPlaces(found.listing);
        if (base && base !== found.host.base_model) state.stale = true;
        base = found.host.base_model;
        if (state.stale) plan();
    }
    clearTimeout(timer);
    timer = window.setTimeout(poll, answers && (found.busy || found.works.length) ? BUSY_MS : IDLE_MS);
}

/** @param {boolean} gone whether nobody answers @param {any} [error] what was answered instead */
export function showGone(gone, error) {
    const box = find(".tt-gone");
    if (!box) return;
    const silent = t(
        "Train Tools does not answer; a run goes on if its program still lives. This page looks again by itself.",
    );
    const words = error && !/^(HTTP |Not Found)/.test(error.message) ? sentence(error, "message") : silent;
    if (gone && box.textContent !== words) box.textContent = words;
    if (!gone && !box.hidden) {
        askCheckpointsAnew(); // another process may answer now
        state.stale = true;
    }
    box.hidden = !gone;
}
