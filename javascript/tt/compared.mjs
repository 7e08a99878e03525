// @ts-check
// What the server tells of pictures that can be compared, as the page shows it. Pure.

import {fill, listed, t} from "./words.mjs";

/** @typedef {{name: string, run: string, step: number | null, epoch: number | null}} Dated where in a run it is */
/** @typedef {{variant: number, cells: number[]}} Row */
/** @typedef {{id: string, request: Record<string, any>, base: number, rows: Row[]}} Column */
/** @typedef {{weight: number, blocks: string}} Variant */
/** @typedef {{name: string, run: string, step: number | null, epoch: number | null, loss: number | null, bytes: number,
 * installed: boolean, verdict: string, note: string}} Checkpoint */
/** @typedef {{checkpoints: Checkpoint[], variants: Variant[], columns: Column[], folders: string[], ends: string[],
 * pictures: number[], untold: number, gone: number}} Found the server's answer */
/** @typedef {{prompt: string, bySeed: Map<number, Column>}} Prompt */
/** @typedef {{request: Record<string, any>, prompts: Prompt[], seeds: number[]}} Setup what shares sampler, steps, size ... */

export const BASE = -1; // the variant that shows the base model alone, and the checkpoint that stands for it
export const OWN = ["prompt", "negative_prompt", "seed"];

/** The path of a picture; empty for none. @param {Found} found @param {number} number */
export function pathOf({folders, ends, pictures}, number) {
    if (!(number >= 0)) return "";
    const folder = folders[pictures[2 * number]],
        end = ends[pictures[2 * number + 1]];
    return `${folder}/${end.startsWith("/") ? folder.slice(folder.lastIndexOf("/") + 1) + end.slice(1) : end}`;
}

/** @param {Record<string, any>} request @param {string[]} names */
export const without = (request, names) =>
    JSON.stringify(Object.entries(request).filter(([name]) => !names.includes(name)).sort()); // prettier-ignore

/** Setups in the order of their first columns. @param {Column[]} columns @returns {Setup[]} */
export function setupsOf(columns) {
    /** @type {Map<string, Setup & {known: Map<string, Prompt>}>} */
    const setups = new Map();
    for (const column of columns) {
        const {request} = column,
            key = without(request, OWN),
            /** @type {Setup & {known: Map<string, Prompt>}} */
            setup = setups.get(key) || {request, prompts: [], seeds: [], known: new Map()};
        setups.set(key, setup);
        const named = JSON.stringify([request.prompt, request.negative_prompt]),
            prompt = setup.known.get(named) || {prompt: request.prompt, bySeed: new Map()};
        if (!setup.known.has(named)) setup.prompts.push(prompt);
        setup.known.set(named, prompt);
        prompt.bySeed.set(request.seed, column);
        if (!setup.seeds.includes(request.seed)) setup.seeds.push(request.seed);
    }
    return [...setups.values()].map(({request, prompts, seeds}) => ({request, prompts, seeds}));
}

/** Names of what differs between setups. @param {Setup[]} setups */
export function differing(setups) {
    const names = [...new Set(setups.flatMap(({request}) => Object.keys(request)))].filter(
        (name) => !OWN.includes(name),
    );
    return names.filter((name) => new Set(setups.map(({request}) => JSON.stringify(request[name]))).size > 1);
}

/** Columns of a setup with a seed, one of each prompt that has it. @param {Setup} setup @param {number} seed */
export const columnsOf = (setup, seed) =>
    setup.prompts.flatMap(({bySeed}) => (bySeed.has(seed) ? [/** @type {Column} */ (bySeed.get(seed))] : []));

/** Variants of which some columns have pictures, the base model first. @param {Column[]} columns */
export function variantsIn(columns) {
    const found = new Set(columns.flatMap(({rows}) => rows.map(({variant}) => variant))),
        base = columns.some((column) => column.base >= 0);
    return [...(base ? [BASE] : []), ...[...found].sort((one, other) => one - other)];
}

/** The number of a picture; -1 for none. @param {Column} column @param {number} checkpoint @param {number} variant */
export function cellOf(column, checkpoint, variant) {
    if (variant === BASE || checkpoint === BASE) return column.base;
    return column.rows.find((row) => row.variant === variant)?.cells[checkpoint] ?? -1;
}

/** Numbers of the checkpoints that are shown. @param {Checkpoint[]} checkpoints @param {{run: string, hides: boolean}} view */
export function shownOf(checkpoints, {run, hides}) {
    const all = checkpoints.map((_, number) => number),
        ofRun = all.filter((number) => !run || checkpoints[number].run === run);
    const kept = ofRun.filter((number) => !hides || checkpoints[number].verdict !== "rejected");
    return kept.length ? kept : ofRun.length ? ofRun : all;
}

/** What is missing of a view: how many pictures, in which columns, of which checkpoints.
 * @param {Column[]} columns @param {number[]} checkpoints @param {number} variant */
export function missingIn(columns, checkpoints, variant) {
    const lacks = (/** @type {Column} */ column) =>
        variant === BASE ? [] : checkpoints.filter((number) => cellOf(column, number, variant) < 0);
    const lacking = columns.map((column) => ({column, numbers: lacks(column)})).filter(({numbers}) => numbers.length);
    return {
        count: lacking.reduce((sum, {numbers}) => sum + numbers.length, 0),
        columns: lacking.map(({column}) => column.id),
        checkpoints: checkpoints.filter((number) => lacking.some(({numbers}) => numbers.includes(number))),
    };
}

/** Place of the last checkpoint that has a picture; -1 for none.
 * @param {Column[]} columns @param {number[]} checkpoints @param {number} variant */
export function lastDrawn(columns, checkpoints, variant) {
    const drawn = checkpoints.map((number) => columns.some((column) => cellOf(column, number, variant) >= 0));
    return drawn.lastIndexOf(true);
}

/** The checkpoint in sight, and the two that a place between them fades from and to. @param {number} at @param {number} count */
export function fadeAt(at, count) {
    const place = Math.min(count - 1, Math.max(0, at)),
        lower = Math.floor(place);
    return {lower, upper: Math.min(count - 1, lower + 1), part: place - lower, nearest: Math.round(place)};
}

/** Short names of checkpoints: epochs, or steps where several are of one epoch, with the run where there are several runs; file
 * names of those that no run made. @param {Dated[]} checkpoints */
export function labelsOf(checkpoints) {
    const made = checkpoints.filter(({epoch}) => epoch !== null),
        epochs = new Set(made.map(({run, epoch}) => `${run} ${epoch}`)).size === made.length,
        runs = new Set(checkpoints.map(({run}) => run).filter(Boolean)).size > 1;
    const age = (/** @type {Dated} */ {epoch, step}) => {
        if (epoch !== null && (epochs || step === null)) return fill(t("epoch {}"), epoch);
        return step === null ? "" : fill(t("step {}"), step);
    };
    return checkpoints.map((one) => {
        const words = age(one);
        return words ? (runs && one.run ? listed([one.run, words]) : words) : one.name.replace(/\.safetensors$/, "");
    });
}
