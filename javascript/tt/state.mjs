// @ts-check
// What several parts of the page know, and how they call each other without knowing each other.

/** @typedef {{project: string, version: string}} Place */
/** @typedef {{name: string, id: string, problem: string}} Entry */

export const state = {
    project: "",
    version: "",
    /** @type {(Entry & {versions: Entry[]})[]} all projects, those changed last first */
    projects: [],
    /** a name that no project has */
    suggested: "",
    /** A project is being made here: what there is already is half of it. */
    isMaking: false,
    /** @type {any} what the program around us offers */
    host: null,
    /** @type {any[]} declared settings */
    declared: [],
    /** @type {any[]} */
    presets: [],
    /** family of the base model that was planned for last; empty before */
    family: "",
    /** @type {any} the newest answer about all that moves; null before the first */
    status: null,
    /** A change came while nobody looked: the plan has to be asked again. */
    stale: false,
    /** Pictures that "Preview all" would make. */
    previews: 0,
    /** @type {any} the worst that the doctor had found when the plan was made; null for nothing */
    worst: null,
    /** which pictures are shown, as a filter such as blue_eyes -hat */
    filter: "",
    /** @type {Set<number>} ids of the pictures that are selected */
    picked: new Set(),
};

/** The chosen version. @returns {Place} */
export const here = () => ({project: state.project, version: state.version});

/** Whether a version is chosen. */
export const isPlace = () => Boolean(state.project && state.version);

/** @param {Place} one @param {Place} other */
export const samePlace = (one, other) => one.project === other.project && one.version === other.version;

const bus = new EventTarget();

/** @typedef {"place" | "renamed" | "plan" | "planned" | "bare" | "settings" | "checkpoints" | "filter" | "picked" | "edited" | "examined" | "now" | "tag"} News another
 * version is chosen; what the plan is made from has changed; it was asked anew, for pictures or settings may have changed; whether
 * most pictures are without a caption is another; the settings
 * are known or have changed; so are the checkpoints; other pictures are to be shown; others are selected; captions of several pictures
 * were edited; the doctor has looked again; it was asked what goes on now; those that
 * are shown are to be tagged */

/** @param {News} name @param {() => any} heard */
export const on = (name, heard) => bus.addEventListener(name, heard);

/** @param {News} name */
export const tell = (name) => bus.dispatchEvent(new Event(name));

const KEPT = "train_tools";

/** Remember the chosen version for the next visit. */
export function remember() {
    try {
        localStorage.setItem(KEPT, JSON.stringify(here()));
    } catch {
        // a private window keeps nothing
    }
}

/** The version of the last visit. @returns {Place} */
export function remembered() {
    try {
        const kept = JSON.parse(localStorage.getItem(KEPT) || "{}");
        return {project: kept.project || "", version: kept.version || ""};
    } catch {
        return {project: "", version: ""};
    }
}
