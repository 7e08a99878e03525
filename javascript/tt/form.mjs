// @ts-check
// What gradio tells of the form: which version is chosen, and what its settings are.
import {find} from "./dom.mjs";
import {over} from "./messages.mjs";
import {plan} from "./plan.mjs";
import {poll} from "./poll.mjs";
import {formShows, tookOver} from "./settings.mjs";
import {here, remember, samePlace, state} from "./state.mjs";

const PLAN_DELAY_MS = 250;
let timer = 0;

/** Names of the settings, in the order in which gradio gives their values; the preset comes last. */
const names = () => [...JSON.parse((find(".tt-names") || {textContent: "[]"}).textContent), "preset"];

/** @param {any[]} given values of the settings */
const named = (given) => Object.fromEntries(names().map((name, i) => [name, given[i]]));

/** @param {any[]} given project, version, settings */
export function changed([project, version, ...values]) {
    const before = here();
    [state.project, state.version] = [project || "", version || ""];
    state.settings = named(values);
    state.settings.preset = state.settings.preset || "";
    formShows(here(), state.settings);
    if (!samePlace(before, here())) {
        over("project", "settings", "act", "run");
        poll();
    }
    remember();
    clearTimeout(timer);
    timer = window.setTimeout(plan, PLAN_DELAY_MS);
}

/** Inputs show now what was changed elsewhere. @param {any[]} given project, version, settings */
export function shownOver(given) {
    tookOver(named(given.slice(2)));
}
