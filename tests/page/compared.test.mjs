import assert from "node:assert/strict";
import {test} from "node:test";
import {
    BASE,
    cellOf,
    columnsOf,
    differing,
    fadeAt,
    labelsOf,
    lastDrawn,
    missingIn,
    pathOf,
    setupsOf,
    shownOf,
    variantsIn,
} from "../../javascript/tt/compared.mjs";

const request = (more = {}) => ({prompt: "a", negative_prompt: "", seed: 1, sampler: "Euler a", steps: 20, ...more});
const column = (id, more, rows = [], base = -1) => ({id, request: request(more), base, rows});

test("a path is put together of its folder and its end, which may begin with the folder's name", () => {
    const found = {folders: ["p/previews/one", "p/previews/two"], ends: ["/-p1.png", "x.png"], pictures: [1, 0, 0, 1]};
    assert.equal(pathOf(found, 0), "p/previews/two/two-p1.png");
    assert.equal(pathOf(found, 1), "p/previews/one/x.png");
    assert.equal(pathOf(found, -1), "");
});

test("another sampler is a setup of its own; prompts and seeds of one stand in it", () => {
    const columns = [
        column("1", {}),
        column("2", {seed: 2}),
        column("3", {prompt: "b"}),
        column("4", {sampler: "DDIM", prompt: "b"}),
        column("5", {negative_prompt: "bad"}),
    ];
    const [first, second, ...none] = setupsOf(columns);
    assert.equal(none.length, 0);
    assert.deepEqual(first.seeds, [1, 2]);
    assert.deepEqual(columnsOf(first, 1).map(({id}) => id), ["1", "3", "5"]); // prettier-ignore
    assert.deepEqual(columnsOf(first, 2).map(({id}) => id), ["2"]); // prettier-ignore
    assert.deepEqual(columnsOf(second, 1).map(({id}) => id), ["4"]); // prettier-ignore
    assert.deepEqual(differing([first, second]), ["sampler"]);
    assert.deepEqual(setupsOf([]), []);
});

test("setups are equal whatever the order of their settings is", () => {
    const turned = Object.fromEntries(Object.entries(request()).reverse());
    assert.equal(setupsOf([column("1", {}), {...column("2", {}), request: {...turned, seed: 3}}]).length, 1);
});

test("a cell is found by variant and checkpoint; the base model's is one for all checkpoints", () => {
    const one = column("1", {}, [{variant: 2, cells: [7, -1]}], 5);
    assert.equal(cellOf(one, 0, 2), 7);
    assert.equal(cellOf(one, 1, 2), -1);
    assert.equal(cellOf(one, 0, 0), -1);
    assert.equal(cellOf(one, 9, BASE), 5);
    assert.equal(cellOf(one, BASE, 2), 5);
    assert.deepEqual(variantsIn([one, column("2", {}, [{variant: 0, cells: [1, 1]}])]), [BASE, 0, 2]);
    assert.deepEqual(variantsIn([column("2", {})]), []);
});

test("missing pictures are counted with their columns and checkpoints", () => {
    const columns = [
        column("1", {}, [{variant: 0, cells: [1, 2, -1]}]),
        column("2", {}, [{variant: 0, cells: [3, -1, -1]}]),
        column("3", {}, [{variant: 0, cells: [4, 5, 6]}]),
    ];
    assert.deepEqual(missingIn(columns, [0, 1, 2], 0), {count: 3, columns: ["1", "2"], checkpoints: [1, 2]});
    assert.deepEqual(missingIn(columns, [0], 0), {count: 0, columns: [], checkpoints: []});
    assert.equal(missingIn(columns, [0, 1, 2], BASE).count, 0);
    assert.equal(missingIn(columns, [0, 1], 4).count, 6);
});

test("rejected checkpoints are hidden, but for when nothing else is left", () => {
    const checkpoints = [
        {run: "r1", verdict: "rejected"},
        {run: "r1", verdict: ""},
        {run: "r2", verdict: "rejected"},
    ];
    assert.deepEqual(shownOf(checkpoints, {run: "", hides: false}), [0, 1, 2]);
    assert.deepEqual(shownOf(checkpoints, {run: "", hides: true}), [1]);
    assert.deepEqual(shownOf(checkpoints, {run: "r2", hides: true}), [2]);
    assert.deepEqual(shownOf(checkpoints, {run: "gone", hides: false}), [0, 1, 2]);
});

test("a place between two checkpoints fades from one to the other", () => {
    assert.deepEqual(fadeAt(1.25, 4), {lower: 1, upper: 2, part: 0.25, nearest: 1});
    assert.deepEqual(fadeAt(3, 4), {lower: 3, upper: 3, part: 0, nearest: 3});
    assert.deepEqual(fadeAt(-2, 4), {lower: 0, upper: 1, part: 0, nearest: 0});
    assert.deepEqual(fadeAt(9, 1), {lower: 0, upper: 0, part: 0, nearest: 0});
});

test("the page begins at the last checkpoint that has a picture", () => {
    const one = column("x", {}, [{variant: 0, cells: [5, 6, -1, 7]}], 9);
    assert.equal(lastDrawn([one], [0, 1, 2], 0), 1);
    assert.equal(lastDrawn([one], [2], 0), -1);
    assert.equal(lastDrawn([one], [0, 2], BASE), 1);
});

test("checkpoints are called by their epochs, or by steps where several are of one epoch", () => {
    const one = {name: "a.safetensors", run: "r1", epoch: 1, step: 10},
        mixed = {name: "a-mix1.safetensors", run: "", epoch: null, step: null};
    assert.deepEqual(labelsOf([one, {...one, epoch: 2}, mixed]), ["epoch 1", "epoch 2", "a-mix1"]);
    assert.deepEqual(labelsOf([one, {...one, step: 15}]), ["step 10", "step 15"]);
    assert.deepEqual(
        labelsOf([
            {...one, step: null},
            {...one, epoch: null},
        ]),
        ["epoch 1", "step 10"],
    );
    assert.deepEqual(labelsOf([one, {...one, run: "r2"}, mixed]), ["r1, epoch 1", "r2, epoch 1", "a-mix1"]);
});
