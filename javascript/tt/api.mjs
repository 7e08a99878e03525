// @ts-check
// Asking the server: the routes of version 1, of which other programs have the same.

/** @typedef {import("./state.mjs").Place} Place */

export const ROOT = "./train-tools/v1";
const OWN = {"X-Train-Tools": "1"},
    JSON_HEADERS = {"Content-Type": "application/json", ...OWN};

/** @param {Record<string, any>} facts */
export const query = (facts) => new URLSearchParams(facts).toString();

/** @param {string} route */
export const routeUrl = (route) => `${ROOT}/${route}`;

/** @param {string} name */
const projectPath = (name) => `projects/${encodeURIComponent(name)}`;

/** @param {Place} of @param {...(string | number)} more parts of the path below the version */
export const below = (of, ...more) =>
    ["projects", of.project, "versions", of.version, ...more].map(encodeURIComponent).join("/");

/**
 * @param {string} method
 * @param {string} route
 * @param {Record<string, any>} [sent]
 * @returns {Promise<any>} the answer, with ``error`` in it where it was refused
 */
export async function ask(method, route, sent) {
    const options = sent ? {method, headers: JSON_HEADERS, body: JSON.stringify(sent)} : {method, headers: OWN};
    return read(await fetch(`${ROOT}/${route}`, options));
}

/** @param {Response} answer */
async function read(answer) {
    const found = await answer.json().catch(() => null);
    if (found && (answer.ok || found.error)) return found;
    return {error: {message: (found && found.detail) || `HTTP ${answer.status}`, problems: []}};
}

/** Sends while the page is being left; nobody hears the answer.
 * @param {string} method @param {string} route @param {Record<string, any>} sent */
function leave(method, route, sent) {
    fetch(`${ROOT}/${route}`, {method, keepalive: true, headers: JSON_HEADERS, body: JSON.stringify(sent)});
}

/** Everything that moves. @param {Place} of @param {number} since values of curves after this step */
export const now = (of, since) => ask("GET", `now?${query({...of, since})}`);

export const host = () => ask("GET", "host");
export const installed = () => ask("GET", "installed");
export const declared = () => ask("GET", "settings");
export const presets = () => ask("GET", "presets");
/** What presets would be before there is a project. */
export const supposedCards = () => ask("GET", "presets/cards");
/** @param {Place} of */
export const cards = (of) => ask("GET", below(of, "presets"));

export const projects = () => ask("GET", "projects");
/** @param {string} name @param {{free?: boolean, sample?: boolean}} [how] under a free name; with the sample character */
export const createProject = (name, how = {}) => ask("POST", "projects", {name, ...how});
/** @param {string} name */
export const project = (name) => ask("GET", projectPath(name));
/** @param {string} name @param {{name?: string, notes?: string}} change */
export const changeProject = (name, change) => ask("PATCH", projectPath(name), change);
/** @param {string} name */
export const deleteProject = (name) => ask("DELETE", projectPath(name));
/** @param {string} of a project @param {string} name @param {string} copyOf a version; empty makes an empty one */
export const createVersion = (of, name, copyOf) => ask("POST", `${projectPath(of)}/versions`, {name, copy_of: copyOf});
/** @param {Place} of @param {string} name */
export const renameVersion = (of, name) => ask("PATCH", below(of), {name});
/** @param {Place} of */
export const deleteVersion = (of) => ask("DELETE", below(of));

/** @param {Place} of */
export const plan = (of) => ask("GET", below(of, "plan"));

/** @param {Place} of */
export const settings = (of) => ask("GET", below(of, "settings"));
/** @param {Place} of @param {Record<string, any>} changes */
export const changeSettings = (of, changes) => ask("PATCH", below(of, "settings"), {changes});
/** @param {Place} of @param {Record<string, any>} changes */
export const changeSettingsLeaving = (of, changes) => leave("PATCH", below(of, "settings"), {changes});

/** @param {Place} of @param {string} preset */
export const takePreset = (of, preset) => ask("PUT", below(of, "settings", "preset"), {preset});

/** A part of the pictures. @param {Place} of @param {Record<string, any>} wish offset, limit, filter, sort ... */
export const pictures = (of, wish) => ask("GET", `${below(of, "pictures")}?${query(wish)}`);
/** @param {Place} of @param {number} id */
export const picture = (of, id) => ask("GET", below(of, "pictures", id));
/** @param {Place} of @param {number} id @param {{stamp: string, size: number}} facts of what is shown */
export const pictureUrl = (of, id, facts) => `${ROOT}/${below(of, "pictures", id, "image")}?${query(facts)}`;
/** @typedef {{filter?: string, ids?: number[]}} Some pictures: those of a filter, of these the ones with such ids */
/** @param {Place} of @param {Some} some */
export const takeOut = (of, some) => ask("POST", below(of, "pictures", "take-out"), some);
/** @param {Place} of @param {Some} some */
export const putBack = (of, some) => ask("POST", below(of, "pictures", "put-back"), some);
/** What was done with pictures and captions, newest first. @param {Place} of @param {number} limit */
export const edits = (of, limit) => ask("GET", `${below(of, "edits")}?${query({limit})}`);
/** @param {Place} of @param {number} number of an edit */
export const undoEdit = (of, number) => ask("POST", below(of, "edits", "undo"), {number});
/** @param {Place} of @param {number} number */
export const redoEdit = (of, number) => ask("POST", below(of, "edits", "redo"), {number});
/** @param {string} method @param {string} route @param {FormData} form @param {AbortSignal} [signal]
 * @returns {Promise<any>} null where the way was cut */
export async function sendForm(method, route, form, signal) {
    const options = {method, headers: OWN, body: form, signal};
    const answer = await fetch(`${ROOT}/${route}`, options).catch(() => null);
    return answer && read(answer);
}
/** @param {Place} of @param {FormData} form @param {AbortSignal} [signal] */
export const upload = (of, form, signal) => sendForm("POST", below(of, "pictures"), form, signal);

/** @typedef {{replaces: string, caption: string}} NewCaption */
/** @param {Place} of @param {number} id @param {NewCaption} caption */
export const writeCaption = (of, id, caption) => ask("PUT", below(of, "pictures", id, "caption"), caption);
/** @param {Place} of @param {number} id @param {NewCaption} caption */
export const writeCaptionLeaving = (of, id, caption) => leave("PUT", below(of, "pictures", id, "caption"), caption);

/** @param {"train" | "resume" | "preview"} kind @param {Place} of @param {Record<string, any>} more */
export const begin = (kind, of, more = {}) => ask("POST", "jobs", {kind, ...of, ...more});
/** @param {"stop" | "pause" | "continue" | "sample" | "save" | "last-epoch" | "queue/continue"} name @param {string} [method] */
export const wish = (name, method = "POST") => ask(method, `jobs/${name}`);
/** @param {Place} of @param {string} run @returns {Promise<import("./curve.mjs").Series | undefined>} */
export const series = async (of, run) => (await ask("GET", below(of, "runs", run, "series"))).series;

/** @param {Place} of */
export const checkpoints = (of) => ask("GET", below(of, "checkpoints"));
/** @param {Place} of @param {string} name */
export const checkpointUrl = (of, name) => `${ROOT}/${below(of, "checkpoints", name, "file")}`;
/** @param {Place} of @param {string} name */
export const install = (of, name) => ask("POST", below(of, "checkpoints", name, "install"));
/** @param {Place} of @param {string} name */
export const deleteCheckpoint = (of, name) => ask("DELETE", below(of, "checkpoints", name));

/** @param {Place} of */
export const previews = (of) => ask("GET", below(of, "previews"));
/** @param {string} path */
export const previewUrl = (path) => `${ROOT}/previews/image?${query({path})}`;
/** @param {string} path */
export const thumbUrl = (path) => `${ROOT}/previews/image?${query({path, small: true})}`;
/** @param {Place} of @param {string} path */
export const infotext = (of, path) => ask("POST", below(of, "previews", "txt2img"), {path});
