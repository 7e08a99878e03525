import assert from "node:assert/strict";
import {test} from "node:test";

import {append, lastStep, limits, moved, placeOf, smoothed} from "../../javascript/tt/curve.mjs";

test("smoothing starts at the first loss and follows slowly", () => {
    const [first, second, third] = smoothed([1, 0, 0]);
    assert.equal(first, 1);
    assert.ok(Math.abs(second - 0.95) < 1e-12);
    assert.ok(Math.abs(third - 0.9025) < 1e-12);
});

test("limits leave out the few highest losses", () => {
    const losses = Array.from({length: 100}, (_, i) => (i + 1) / 100);
    losses[50] = 40;
    assert.deepEqual(limits(losses), [0.01, 1]);
    assert.deepEqual(limits([0, 0]), [0, 1]);
});

test("append takes what is new and in order", () => {
    const curve = [[1, 0.5]];
    append(curve, [[1, 0.9], [2, 0.4], [2, 0.3], [5, 0.2]]); // prettier-ignore
    assert.deepEqual(curve, [[1, 0.5], [2, 0.4], [5, 0.2]]); // prettier-ignore
    assert.equal(lastStep(curve), 5);
    assert.equal(lastStep([]), 0);
});

test("place is that of the step or the next one", () => {
    const curve = [[10, 1], [20, 1]]; // prettier-ignore
    assert.deepEqual(
        [0, 10, 11, 21].map((step) => placeOf(curve, step)),
        [0, 0, 1, -1],
    );
});

test("keys move by one or by a twentieth, and stay on the curve", () => {
    assert.equal(moved("ArrowLeft", false, 7, 100), 6);
    assert.equal(moved("ArrowRight", true, 7, 100), 12);
    assert.equal(moved("ArrowLeft", true, 2, 100), 0);
    assert.equal(moved("ArrowRight", false, 100, 100), 100);
    assert.deepEqual([moved("Home", false, 7, 100), moved("End", false, 7, 100)], [0, 100]);
    assert.equal(moved("a", false, 7, 100), null);
});
