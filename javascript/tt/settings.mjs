// @ts-check
// The settings of the chosen version: changed here one by one, and taken over where another window changed them.
import * as api from "./api.mjs";
import {here, isPlace, on, samePlace, tell} from "./state.mjs";
import {Undo} from "./undo.mjs";
import {same} from "./values.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {Record<string, any>} Values by name of the setting */

const PLAN_DELAY_MS = 250,
    GONE = "unusable_project";
let timer = 0;

/** What is known of one version's settings. */
class Kept {
    /** @param {Place} place */
    constructor(place) {
        this.place = place;
        /** @type {any} the server's last answer; null before the first */
        this.found = null;
        /** @type {Values} what was changed here and not yet sent */
        this.changes = {};
        this.undo = new Undo();
        /** @type {Promise<any> | null} */
        this.sending = null;
        this.asking = false;
    }

    /** What a setting is now; what was typed where it cannot be used. @param {string} name */
    value(name) {
        if (name in this.changes) return this.changes[name];
        if (!this.found) return undefined;
        return name in this.found.drafts ? this.found.drafts[name] : this.found.values[name];
    }
}
let kept = new Kept({project: "", version: ""});

/** @param {string} name */
export const valueOf = (name) => kept.value(name);

/** Preset, its description, and what differs from it; null while nothing is known. @returns {any} */
export const answered = () => kept.found;

/** What the next step back would set; null where there is none. */
export const undoable = () => kept.undo.next;

/** The number of the settings that are shown, where it is known. */
export const revision = () => (kept.found && !unsent().length ? {revision: kept.found.revision} : {});

const unsent = () => Object.keys(kept.changes);

on("place", () => {
    if (samePlace(kept.place, here())) return void follow();
    keepSettings().catch(() => null); // without an answer the next visit shows what was kept
    kept = new Kept(here());
    tell("settings");
    follow();
});
on("renamed", () => (kept.place = here()));

/** Change settings, so that it can be taken back. @param {Values} changes @param {boolean} alone apart from what was
 * typed just before */
export function change(changes, alone = false) {
    const before = Object.fromEntries(Object.keys(changes).map((name) => [name, kept.value(name)]));
    const real = Object.keys(changes).filter((name) => !same(before[name], changes[name]));
    if (!real.length || !isPlace()) return;
    kept.undo.note(Object.fromEntries(real.map((name) => [name, before[name]])), Date.now(), alone);
    put(Object.fromEntries(real.map((name) => [name, changes[name]])));
}

/** @param {Values} changes */
function put(changes) {
    Object.assign(kept.changes, changes);
    tell("settings");
    clearTimeout(timer);
    timer = window.setTimeout(tell, PLAN_DELAY_MS, "plan"); // which sends them
}

/** Take the last change back. @returns {string[]} names of what it was about */
export function takeBack() {
    const before = kept.undo.take();
    if (before) put(before);
    return Object.keys(before || {});
}

/** Send what was changed here; returns when the server has it. */
export async function keepSettings() {
    const of = kept;
    while (of.sending) await of.sending.catch(() => null);
    const changes = of.changes;
    if (!Object.keys(changes).length || !of.place.version) return;
    of.changes = {};
    of.sending = api.changeSettings(of.place, changes);
    try {
        const found = await of.sending;
        if (!found.error) take(of, found);
        else if (found.error.code === GONE) of.changes = {...changes, ...of.changes}; // it may have another name
    } catch (error) {
        of.changes = {...changes, ...of.changes}; // they wait for an answer
        throw error;
    } finally {
        of.sending = null;
    }
}

/** Take a preset. @param {string} name */
export async function takePreset(name) {
    await keepSettings();
    const of = kept,
        before = of.found;
    const found = await api.takePreset(of.place, name);
    if (found.error) return found;
    const changed = Object.keys(found.values).filter((one) => before && !same(before.values[one], found.values[one]));
    const values = Object.fromEntries(changed.map((one) => [one, before.values[one]]));
    if (before) of.undo.note({...values, preset: before.preset}, Date.now());
    take(of, found);
    tell("plan");
    return found;
}

/** @param {Kept} of @param {any} found what the server has */
function take(of, found) {
    if (of.found && found.revision < of.found.revision) return;
    of.found = found;
    if (of === kept) tell("settings");
}

async function follow() {
    const of = kept;
    if (!of.place.version) return tell("plan");
    of.asking = true;
    const found = await api.settings(of.place).catch(() => null);
    of.asking = false;
    if (!found || of !== kept || of.sending) return;
    if (found.error) of.found = null;
    else take(of, found);
    tell("plan");
}

/** Ask for what another window has changed. @param {number | null} known the server's number of the settings of now */
export async function followSettings(known) {
    const of = kept;
    if (of.sending || of.asking || unsent().length) return;
    if (known !== null && (!of.found || known !== of.found.revision)) await follow();
}

window.addEventListener("pagehide", () => {
    if (unsent().length && isPlace()) api.changeSettingsLeaving(kept.place, kept.changes);
});
