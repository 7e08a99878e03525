// @ts-check
// Settings are kept one by one, as they are changed here; what another window changed is taken over.
import * as api from "./api.mjs";
import {find} from "./dom.mjs";
import {changedElsewhere, picked, unsent} from "./merge.mjs";
import {showPreset} from "./preset.mjs";
import {here, samePlace, tell} from "./state.mjs";

const TAKEN_MS = 5000;

/** @typedef {import("./state.mjs").Place} Place */

/** What one version's form holds, and what the server knows of it. */
class Form {
    /** @param {Place} place @param {Record<string, any>} values */
    constructor(place, values) {
        this.place = place;
        this.values = values;
        this.sent = {...values};
        /** @type {Record<string, any> | null} what the server showed last */
        this.known = null;
        this.revision = -1;
        /** @type {string[]} settings that the form is to show as the server has them */
        this.taking = [];
        /** @type {Promise<any> | null} */
        this.sending = null;
    }

    unsent() {
        return unsent(this.values, this.sent, this.taking);
    }
}
let state = new Form({project: "", version: ""}, {});

/** The form shows these values: of another version than before, or of the same with changes to them.
 * @param {Place} place @param {Record<string, any>} values */
export function formShows(place, values) {
    if (samePlace(place, state.place)) {
        state.values = values;
        return;
    }
    send(state).catch(() => null); // without an answer the next visit shows what was kept
    state = new Form(place, values);
    showPreset(null);
}

/** Send what was changed here; returns when the server has it. */
export const keepSettings = () => send(state);

/** @param {Form} of */
async function send(of) {
    if (!of.place.project || !of.place.version) return;
    while (of.sending) await of.sending.catch(() => null);
    const names = of.unsent(),
        changes = picked(of.values, names);
    if (!names.length) return;
    of.sending = api.changeSettings(of.place, changes);
    try {
        const found = await of.sending;
        if (found.error) return; // the plan says the same
        Object.assign(of.sent, changes);
        if (of === state) adopt(found, names);
    } finally {
        of.sending = null;
    }
}

/** What the server holds now, of which some may have been changed elsewhere. @param {any} found @param {string[]} mine */
function adopt(found, mine = []) {
    const of = state,
        ours = picked(
            found.shown,
            Object.keys(found.shown).filter((name) => name in of.values),
        );
    const changed = changedElsewhere(ours, of.known || of.sent, [...mine, ...of.unsent()]);
    [of.known, of.revision] = [found.shown, found.revision];
    showPreset(found);
    if (!changed.length) return;
    of.taking = changed;
    find("#train_tools_over").click();
    setTimeout(() => {
        if (of.taking === changed) [of.taking, of.revision] = [[], -1]; // no answer: ask again
    }, TAKEN_MS);
}

/** Names of the settings that gradio is to show as the server has them. */
export const elsewhere = () => JSON.stringify(state.taking);

/** It shows them. @param {Record<string, any>} values */
export function tookOver(values) {
    for (const name of state.taking) state.sent[name] = state.values[name] = values[name];
    state.taking = [];
    tell("plan");
}

/** Ask for what another window has changed. @param {number | null} known the server's number of the settings of now */
export async function followSettings(known) {
    const of = state;
    if (known === null || known === of.revision || of.taking.length || of.sending || of.unsent().length) return;
    const found = await api.settings(of.place).catch(() => null);
    if (found && !found.error && of === state && !of.sending && !of.taking.length) adopt(found);
}

/** The number of the settings that the form shows, where it is known. */
export const revision = () => (state.revision < 0 ? {} : {revision: state.revision});

window.addEventListener("pagehide", () => {
    const names = state.unsent();
    if (!names.length || !here().project || !here().version) return;
    api.changeSettingsLeaving(state.place, picked(state.values, names));
});
