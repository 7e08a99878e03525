import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

globalThis.document = {addEventListener: () => {}};
const kept = new Map();
globalThis.sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
};

const {arranged, look, runsIn, view} = await import("../../javascript/tt/arrange.mjs");
const {newestShots} = await import("../../javascript/tt/samples.mjs");
const {state} = await import("../../javascript/tt/state.mjs");

const LISTED = [
    {run: "r002", loss: 0.2},
    {run: "r002", loss: null},
    {run: "r001", loss: 0.1},
    {run: "r001", loss: 0.3},
    {run: "", loss: null},
];

beforeEach(() => kept.clear());

test("checkpoints are sorted by age or loss, those without a loss last", () => {
    assert.deepEqual(arranged(LISTED, {run: "", sort: "newest"}), [0, 1, 2, 3, 4]);
    assert.deepEqual(arranged(LISTED, {run: "", sort: "oldest"}), [4, 3, 2, 1, 0]);
    assert.deepEqual(arranged(LISTED, {run: "", sort: "loss"}), [2, 0, 3, 1, 4]);
});

test("one run is shown alone; one of which nothing is left shows all", () => {
    assert.deepEqual(runsIn(LISTED), ["r002", "r001"]);
    assert.deepEqual(arranged(LISTED, {run: "r001", sort: "oldest"}), [3, 2]);
    assert.deepEqual(arranged(LISTED, {run: "r007", sort: "newest"}), [0, 1, 2, 3, 4]);
});

test("a window remembers its order for all versions, and the run of each", () => {
    Object.assign(state, {project: "a", version: "v1"});
    look({run: "r001"});
    look({sort: "loss"});
    assert.deepEqual(view(), {run: "r001", sort: "loss"});
    state.version = "v2";
    assert.deepEqual(view(), {run: "", sort: "loss"});
    state.version = "v1";
    assert.equal(view().run, "r001");
    kept.set("train_tools_checkpoints", "{");
    assert.deepEqual(view(), {run: "", sort: "newest"});
});

test("newest samples are those of the run at the largest weight of each prompt, newest first", () => {
    const column = (prompt, weight, paths) => ({prompt, seed: 1, weight, paths});
    const columns = [
        column(1, 0, ["a0", "b0", "c0", "d0"]),
        column(1, 1, ["a1", undefined, "c1", "d1"]),
        column(2, 1, ["a2", "b2", "c2", "d2"]),
    ];
    const shots = newestShots(LISTED.slice(0, 4), columns, "r002");
    assert.deepEqual(shots, [
        [0, 1],
        [0, 2],
        [1, 2],
    ]);
    assert.equal(newestShots(LISTED.slice(0, 4), columns, "r001", 3).length, 3);
    assert.deepEqual(newestShots(LISTED, columns, "r009"), []);
});
