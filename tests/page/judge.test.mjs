import assert from "node:assert/strict";
import {test} from "node:test";

import {HEIGHT, WIDTH, ofNewest, pointsOf, scaleOf, shownValue} from "../../javascript/tt/judgechart.mjs";

test("points go from the left to the right, the highest value at the top", () => {
    assert.deepEqual(pointsOf([0, 1, 0.5]), [
        [6, HEIGHT - 6],
        [WIDTH / 2, 6],
        [WIDTH - 6, HEIGHT / 2],
    ]);
});

test("one value stands in the middle, and values that hardly change are drawn flat", () => {
    assert.deepEqual(pointsOf([3]), [[WIDTH / 2, HEIGHT - 6]]);
    const [first, last] = pointsOf([0.5, 0.501]);
    assert.ok(Math.abs(first[1] - last[1]) < 4);
    assert.deepEqual(scaleOf([0.5, 0.501]), [0.5, 0.52]);
    assert.deepEqual(scaleOf([0.3, 0.9, 0.1]), [0.1, 0.9]);
});

test("the checkpoints of the newest measured run are shown", () => {
    const some = ["r001", "r002", "r002"].map((run) => ({run}));
    assert.equal(ofNewest(some).length, 2);
});

test("a figure is shown as a share of a hundred where it is one", () => {
    assert.equal(shownValue(0.934, {percent: true}), "93 %");
    assert.equal(shownValue(1.2, {percent: false}), "1.20");
});
