import assert from "node:assert/strict";
import {test} from "node:test";

import {beside, columnsOf, shots} from "../../javascript/tt/shots.mjs";

const named = (folder, prompt, seed, weight, more = "") => `${folder}/x-p${prompt}-s${seed}-w${weight}${more}.png`;

test("columns are in order of prompt, seed and weight, and a file of another name is none", () => {
    const rows = [
        [named("b", 1, 7, 1), named("b", 0, 7, 0.6), "b/sheet.png"],
        [named("a", 0, 7, 1), named("a", 0, 7, 0.6)],
    ];
    const columns = columnsOf(rows, new Map());
    assert.deepEqual(
        columns.map(({prompt, seed, weight}) => [prompt, seed, weight]),
        [
            [0, 7, 0.6],
            [0, 7, 1],
            [1, 7, 1],
        ],
    );
    assert.deepEqual(columns[1].paths, [undefined, named("a", 0, 7, 1)]);
});

test("pictures without a network are weight 0 of checkpoints that have pictures of that prompt", () => {
    const base = shots([named("base", 0, 7, 0), named("base", 5, 7, 0)]);
    const columns = columnsOf([[named("a", 0, 7, 1)], []], base);
    assert.deepEqual(
        columns.map(({prompt, weight}) => [prompt, weight]),
        [
            [0, 0],
            [0, 1],
        ],
    );
    assert.deepEqual(columns[0].paths, [named("base", 0, 7, 0), undefined]);
});

test("of several pictures of one kind the last is shown, and weights are read as numbers", () => {
    const found = shots([
        named("a", 0, 7, 1),
        named("a", 0, 7, 1, "-2"),
        named("a", 0, 7, "-0.5"),
        named("a", 0, 7, "1e-05"),
    ]);
    assert.deepEqual([...found.keys()], ["0 7 1", "0 7 -0.5", "0 7 0.00001"]);
    assert.equal(found.get("0 7 1"), named("a", 0, 7, 1, "-2"));
});

test("keys lead to the next picture there is, and stop at the edges", () => {
    const grid = ["a.b", "...", "c.d"];
    const at = (row, column) => (grid[row][column] === "." ? undefined : grid[row][column]);
    const go = (row, column, key) => beside(at, {rows: 3, columns: 3}, row, column, key);
    assert.deepEqual(go(0, 0, "ArrowLeft"), [2, 0]);
    assert.deepEqual(go(2, 2, "ArrowRight"), [0, 2]);
    assert.deepEqual(go(0, 0, "ArrowDown"), [0, 2]);
    assert.equal(go(0, 0, "ArrowRight"), null);
    assert.equal(go(0, 2, "ArrowDown"), null);
    assert.equal(go(0, 0, "ArrowUp"), null);
    assert.equal(go(0, 0, "Tab"), null);
});

test("from a sheet, keys lead to other sheets only", () => {
    const at = (row, column) => (column === -1 && row < 2 ? "sheet" : undefined);
    assert.deepEqual(beside(at, {rows: 3, columns: 1}, 0, -1, "ArrowLeft"), [1, -1]);
    assert.equal(beside(at, {rows: 3, columns: 1}, 1, -1, "ArrowLeft"), null);
    assert.equal(beside(at, {rows: 3, columns: 1}, 0, -1, "ArrowDown"), null);
});

test("pictures with weights of blocks have columns of their own", () => {
    const paths = [
        named("a", 0, 7, 1),
        named("a", 0, 7, 1, "-bFACE"),
        named("a", 0, 7, 1, "-b0.5-2"),
        named("a", 0, 7, 1, "-3"),
    ];
    assert.deepEqual(
        columnsOf([paths], new Map()).map(({blocks, paths: [path]}) => [blocks, path]),
        [
            ["", paths[3]],
            ["0.5", paths[2]],
            ["FACE", paths[1]],
        ],
    );
});
