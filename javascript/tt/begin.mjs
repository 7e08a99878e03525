// @ts-check
// Makes the first project: of pictures that come, of a folder, or of the sample character.
import * as api from "./api.mjs";
import {wanted} from "./cards.mjs";
import {find} from "./dom.mjs";
import {over, showError} from "./messages.mjs";
import {findPlaces} from "./places.mjs";
import {state} from "./state.mjs";
import {t} from "./words.mjs";

/** Names of what was made here. */
const begun = new Set();
/** @type {Promise<boolean> | null} */
let making = null;

/** The card's project has this name, too. @param {string} project */
export const note = (project) => begun.add(project);

/** Whether a project was made here, or is just being made. @param {string} project */
export const isBegun = (project) => state.isMaking || begun.has(project);

/** @typedef {{sample?: boolean, suggested?: string, folder?: string}} What ``suggested`` is its name where nobody has
 * written one; ``folder`` of the server holds its pictures */

/**
 * Make a project under the name that is written, with the preset that is chosen, and show it.
 * @param {What} what
 * @returns {Promise<boolean>} whether there is one now
 */
export function begin(what) {
    state.isMaking = true;
    making ||= made(what).finally(() => {
        making = null;
        state.isMaking = false;
    });
    return making;
}

/** @param {What} what */
async function made({sample = false, suggested = "", folder = ""}) {
    const written = writtenName(),
        how = sample ? {sample} : {free: true};
    let found = await create(written || suggested, how);
    if (found.error && !written && suggested) found = await create("", how); // no name of a folder is a must
    if (found.error) {
        showError({...found.error, cause: "project"});
        return false;
    }
    over("project");
    note(found.project);
    if (!sample || wanted.isChosen) await api.takePreset(found, wanted.name).catch(() => null);
    if (folder) await api.changeSettings(found, {train_data_dir: folder}).catch(() => null);
    await findPlaces(found);
    return true;
}

/** @param {string} name @param {{free?: boolean, sample?: boolean}} how */
const create = (name, how) =>
    api.createProject(name, how).catch(() => ({error: {message: t("No answer."), problems: []}}));

/** What somebody has written as name; empty where it is only suggested. */
function writtenName() {
    const box = find("#train_tools_name");
    return box && box.dataset.typed ? box.value.trim() : "";
}

/**
 * A name for pictures that lie in one folder: its own without repeats, or that of the folder around sets.
 * @param {string[]} paths
 * @returns {string} empty where they lie in none, or in several
 */
export function nameOfFolder(paths) {
    const [first, ...others] = [
        ...new Set(paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0])),
    ];
    if (!first || others.length || paths.some((path) => !path.includes("/"))) return "";
    const name = first.replace(/^\d+_/, "").replace(/[^\p{L}\p{M}\p{N} _.-]+/gu, " ");
    return [...name.replace(/^[ .]+|[ .]+$/g, "")].slice(0, 40).join("");
}
