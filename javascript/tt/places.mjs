// @ts-check
// Projects and versions: what there are, and which one is shown.
import * as api from "./api.mjs";
import {over} from "./messages.mjs";
import {here, remember, samePlace, state, tell} from "./state.mjs";

/** @typedef {import("./state.mjs").Place} Place */
/** @typedef {import("./state.mjs").Entry} Entry */

/** @param {Entry} entry */
export const opens = (entry) => !entry.problem;

/** Versions of a project, by name. @param {string} project @returns {Entry[]} */
export const versionsOf = (project) => (state.projects.find((one) => one.name === project) || {versions: []}).versions;

/**
 * What is shown where this is wanted: the newest version of it where there is no such one, or of the project changed
 * last.
 * @param {any[]} projects
 * @param {Place} wanted
 * @returns {Place}
 */
export function placeFor(projects, wanted) {
    const there = projects.filter(opens),
        project = there.find(({name}) => name === wanted.project) || there[0];
    if (!project) return {project: "", version: ""};
    const versions = project.versions.filter(opens).map((/** @type {Entry} */ one) => one.name);
    const version = versions.includes(wanted.version) ? wanted.version : versions[versions.length - 1] || "";
    return {project: project.name, version};
}

/** Ask what there is, and show what is wanted of it; else what is chosen when the answer comes.
 * @param {Place} [wanted] */
export async function findPlaces(wanted) {
    const found = await api.projects().catch(() => null);
    if (!found || found.error) return;
    followRenames(found.projects);
    Object.assign(state, {projects: found.projects, suggested: found.suggested});
    choose(wanted || here());
}

/** What is shown may have another name by now. @param {any[]} projects what there is */
function followRenames(projects) {
    const before = here(),
        project = nameNow(state.projects, projects, before.project),
        now = projects.find((one) => one.name === project);
    const version = nameNow(versionsOf(before.project), now ? now.versions : [], before.version);
    if (samePlace(before, {project, version})) return;
    Object.assign(state, {project, version});
    tell("renamed");
}

/**
 * The name of what had this one; the same where it is gone.
 * @param {Entry[]} before
 * @param {Entry[]} now
 * @param {string} name
 */
export function nameNow(before, now, name) {
    const {id} = before.find((one) => one.name === name) || {id: ""},
        found = id && !now.some((one) => one.name === name) && now.find((one) => one.id === id);
    return found ? found.name : name;
}

let listing = "";

/** Ask for what another window has made, renamed or deleted. @param {string} now changes with any of it */
export function followPlaces(now) {
    if (state.isMaking) return;
    const before = listing;
    listing = now;
    if (before && before !== now) findPlaces();
}

/** Show another version. @param {Place} wanted */
export function choose(wanted) {
    const before = here();
    Object.assign(state, placeFor(state.projects, wanted));
    if (!samePlace(before, here())) over("project", "settings", "act", "run");
    remember();
    tell("place");
}
