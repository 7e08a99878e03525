// @ts-check
// What can be done to projects and versions.
import * as api from "./api.mjs";
import {asked} from "./dialog.mjs";
import {following} from "./formats.mjs";
import {over, showError} from "./messages.mjs";
import {findPlaces} from "./places.mjs";
import {here} from "./state.mjs";
import {openTravel} from "./travel.mjs";
import {fill, sentence, t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */

/** @param {any} found what was answered to a change: where one is then, or why not @param {Place} [then] */
async function done(found, then) {
    if (found.error) return showError({...found.error, cause: "project"});
    over("project");
    await findPlaces(then || found);
}

/**
 * Ask for a name until it can be had, or nobody wants one.
 * @param {string} title
 * @param {string} value
 * @param {string} does
 * @param {(name: string) => Promise<any>} make
 * @param {(found: any) => Place} [then] where one is then
 */
function named(title, value, does, make, then) {
    return asked({
        title,
        value,
        does,
        refused: async (wanted) => {
            const found = await make(wanted).catch(() => ({error: {message: t("No answer. Try again.")}}));
            if (found.error) return sentence(found.error, "message");
            await done(found, then && then(found));
            return "";
        },
    });
}

/** @param {string} what @param {string} name */
const mayDelete = (what, name) =>
    asked({
        title: fill(t("Move {} to the trash folder?"), name),
        about: fill(t("{} with everything in it. It lies in the trash folder of the output folder then."), what),
        does: t("Move to the trash folder"),
    });

/** @type {Record<string, () => Promise<any>>} what buttons beside the two names do */
export const PLACE_ORDERS = {
    "create-project": () =>
        named(t("Name of the new project"), "", t("Make project"), (name) => api.createProject(name)),
    "rename-project": async () => {
        const {project, version} = here(),
            rename = (/** @type {string} */ name) => api.changeProject(project, {name});
        if (project)
            await named(t("New name of the project"), project, t("Rename"), rename, ({name}) => ({
                project: name,
                version,
            }));
    },
    "travel-project": async () => openTravel(),
    "delete-project": async () => {
        const {project} = here();
        if (project && (await mayDelete(t("The project"), project)))
            await done(await api.deleteProject(project), {project: "", version: ""});
    },
    "create-version": async () => {
        const {project, version} = here(),
            make = (/** @type {string} */ name) => api.createVersion(project, name, "");
        if (project) await named(t("Name of the new version"), following(version || "v0"), t("Make version"), make);
    },
    "copy-version": async () => {
        const {project, version} = here(),
            copy = (/** @type {string} */ name) => api.createVersion(project, name, version);
        if (version) await named(t("Name of the copy"), following(version), t("Copy"), copy);
    },
    "rename-version": async () => {
        const of = here(),
            rename = (/** @type {string} */ name) => api.renameVersion(of, name);
        if (of.version) await named(t("New name of the version"), of.version, t("Rename"), rename);
    },
    "delete-version": async () => {
        const of = here();
        if (of.version && (await mayDelete(t("The version"), `${of.project} / ${of.version}`)))
            await done(await api.deleteVersion(of), {project: of.project, version: ""});
    },
};
