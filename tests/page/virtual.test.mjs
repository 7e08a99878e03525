import assert from "node:assert/strict";
import {test} from "node:test";
import {gridOf, lacking, seenIn, stepTo} from "../../javascript/tt/virtual.mjs";

const tile = {width: 100, height: 120, gap: 10};

test("as many columns stand side by side as have room, one at least", () => {
    assert.deepEqual(gridOf(7, 320, tile), {columns: 3, rows: 3, step: 130, height: 380});
    assert.equal(gridOf(7, 319, tile).columns, 2);
    assert.equal(gridOf(7, 20, tile).columns, 1);
    assert.deepEqual(gridOf(0, 320, tile), {columns: 3, rows: 0, step: 130, height: 0});
});

test("rows in sight are drawn, two more above and below, and never what is not there", () => {
    const grid = gridOf(5000, 320, tile);
    assert.deepEqual(seenIn(grid, 5000, 0, 400), [0, 18]);
    assert.deepEqual(seenIn(grid, 5000, 13000, 400, 0), [300, 312]);
    assert.deepEqual(seenIn(grid, 5000, grid.height - 400, 400), [4983, 5000]);
    assert.deepEqual(seenIn(grid, 5000, 1e9, 400), [5000, 5000]);
    assert.deepEqual(seenIn(gridOf(0, 320, tile), 0, 0, 400), [0, 0]);
});

test("only parts that are not known are asked for", () => {
    assert.deepEqual(
        lacking([150, 420], 100, (offset) => offset === 200),
        [100, 300, 400],
    );
    assert.deepEqual(
        lacking([0, 0], 100, () => false),
        [],
    );
});

test("keys lead to neighbours, rows, pages and ends, and stop there", () => {
    const to = (key, at) => stepTo(key, at, 10, 4, 2);
    assert.deepEqual(
        ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageDown", "PageUp"].map((key) =>
            to(key, 5),
        ),
        [4, 6, 1, 9, 0, 9, 9, 0],
    );
    assert.deepEqual([to("ArrowLeft", 0), to("ArrowRight", 9), to("ArrowUp", 2), to("ArrowDown", 7)], [0, 9, 2, 9]);
    assert.equal(to("Enter", 5), null);
    assert.equal(stepTo("ArrowRight", 0, 0, 4, 2), null);
    assert.equal(stepTo("ArrowDown", 2, 3, 1, 1), 2);
});
