// @ts-check
// Which checkpoints are shown, and in which order. Kept for this window alone.
import {here} from "./state.mjs";

const KEPT = "train_tools_checkpoints";
/** @typedef {string} Sort one of SORTS */
/** @typedef {{run: string, sort: Sort}} View a run's name; empty shows all runs */

/** @type {Record<string, string>} */
export const SORTS = {newest: "newest first", oldest: "oldest first", loss: "lowest loss first"};

/** Runs that have checkpoints, in their order. @param {{run: string}[]} checkpoints */
export const runsIn = (checkpoints) => [...new Set(checkpoints.map((one) => one.run))].filter(Boolean);

/**
 * Places of the checkpoints that are shown.
 * @param {{run: string, loss: number | null}[]} checkpoints newest first
 * @param {View} view one run of which there is nothing left counts as all
 */
export function arranged(checkpoints, {run, sort}) {
    const only = runsIn(checkpoints).includes(run) ? run : "",
        rows = checkpoints.map((_, row) => row).filter((row) => !only || checkpoints[row].run === only);
    const loss = (/** @type {number} */ row) => checkpoints[row].loss ?? Infinity;
    if (sort === "oldest") rows.reverse();
    if (sort === "loss") rows.sort((one, other) => (loss(one) === loss(other) ? 0 : loss(one) - loss(other)));
    return rows;
}

const place = () => `${here().project}/${here().version}`;

/** How this window shows the chosen version: its sorting is that of all, its run that of the version. @returns {View} */
export function view() {
    const {sort, runs} = kept();
    return {sort: sort in SORTS ? sort : "newest", run: runs[place()] || ""};
}

/** @returns {{sort: Sort, runs: Record<string, string>}} */
function kept() {
    try {
        const {sort = "newest", runs = {}} = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
        return {sort, runs};
    } catch {
        return {sort: "newest", runs: {}}; // a private window keeps nothing
    }
}

/** @param {Partial<View>} change */
export function look(change) {
    const now = kept(),
        {run, sort} = {...view(), ...change};
    try {
        sessionStorage.setItem(KEPT, JSON.stringify({sort, runs: {...now.runs, [place()]: run}}));
    } catch {
        // as above
    }
}
