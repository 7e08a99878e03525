// @ts-check
// What several parts of the page know, and how they call each other without knowing each other.

export const state = {
    project: "",
    version: "",
    /** @type {Record<string, any>} values of the form by name */
    settings: {},
    /** @type {any} the newest answer about all that moves; null before the first */
    status: null,
    /** A change came while nobody looked: the plan has to be asked again. */
    stale: false,
    /** Pictures that "Preview all" would make. */
    previews: 0,
};

/** The chosen version. */
export const here = () => ({project: state.project, version: state.version});

/** @typedef {{project: string, version: string}} Place */

/** @param {Place} one @param {Place} other */
export const samePlace = (one, other) => one.project === other.project && one.version === other.version;

const bus = new EventTarget();

/** @param {string} name @param {() => any} heard */
export const on = (name, heard) => bus.addEventListener(name, heard);

/** @param {"plan"} name "plan": what the plan is made from has changed */
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

/** The version of the last visit. @param {string} project @param {string} version chosen where there was none */
export function remembered(project, version) {
    try {
        const kept = JSON.parse(localStorage.getItem(KEPT) || "{}");
        return [kept.project || project, kept.version || version];
    } catch {
        return [project, version];
    }
}
