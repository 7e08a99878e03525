import assert from "node:assert/strict";
import {test} from "node:test";

import {append, lastStep, limits, moved, smoothed, valueAt, zoomed} from "../../javascript/tt/curve.mjs";

const points = (values, apart = 1) => values.map((value, i) => [(i + 1) * apart, value]);
const near = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found} instead of ${wanted}`);

test("smoothing starts as the mean of the first values, and then follows slowly", () => {
    const [first, second, third] = smoothed(points([1, 0, 0]));
    assert.equal(first, 1);
    near(second, 0.95 / 1.95);
    near(third, 0.9025 / 2.8525);
    const long = smoothed(points([...Array(999).fill(1), 0]));
    near(long.at(-2), 1);
    near(long.at(-1), 0.95);
    assert.deepEqual(smoothed([]), []);
});

test("smoothing is over points that stand for many steps, and steps that are missing count", () => {
    const values = [3, 1, 2, 1];
    assert.deepEqual(smoothed(points(values, 50)), smoothed(points(values)));
    const [, , after] = smoothed([[1, 1], [2, 1], [99, 0]]); // prettier-ignore
    assert.ok(after < smoothed(points([1, 1, 0])).at(-1));
});

test("limits leave out single outliers, of short runs too, and keep what is near", () => {
    const losses = Array.from({length: 100}, (_, i) => (i + 1) / 100);
    losses[50] = 40;
    const [low, high] = limits(losses);
    assert.equal(low, 0);
    near(high, 1 + 0.99 / 20);
    const few = [...Array(22).fill(0.1), 0.2, 40];
    near(limits(few)[1], 0.2 + 0.1 / 20);
    near(limits([5, 4, 3, 2, 1])[1], 5.2);
});

test("limits of values that are alike leave room around them", () => {
    assert.deepEqual(limits([0, 0]), [0, 0.1]);
    assert.deepEqual(limits([2]), [1.8, 2.2]);
    near(limits([-2, -1])[0], -2.05);
    assert.deepEqual(limits([...Array(20).fill(2), 900]), [1.8, 2.2]);
});

test("append takes what is new and in order, of every name", () => {
    const series = {loss: [[1, 0.5]]};
    append(series, {loss: [[1, 0.9], [2, 0.4], [2, 0.3], [5, 0.2]], "lr unet": [[4, 1]]}); // prettier-ignore
    assert.deepEqual(series, {loss: [[1, 0.5], [2, 0.4], [5, 0.2]], "lr unet": [[4, 1]]}); // prettier-ignore
    assert.equal(lastStep(series), 5);
    assert.equal(lastStep({}), 0);
    assert.equal(lastStep({loss: []}), 0);
});

test("a curve that grows for long is thinned out to means", () => {
    const series = {loss: points(Array.from({length: 4000}, (_, i) => i % 2))};
    append(series, {loss: [[4001, 7]]});
    assert.equal(series.loss.length, 2001);
    assert.deepEqual(series.loss[0], [2, 0.5]);
    assert.deepEqual(series.loss.slice(-2), [[4000, 0.5], [4001, 7]]); // prettier-ignore
    append(series, {loss: [[4002, 1]]});
    assert.equal(lastStep(series), 4002);
});

test("a value is that of the place, or the newest before it", () => {
    const column = [undefined, 3, null, 5];
    assert.deepEqual(
        [0, 1, 2, 3, 9].map((place) => valueAt(column, place)),
        [null, 3, 3, 5, 5],
    );
});

test("keys move by one or by a twentieth, and stay among the steps that are seen", () => {
    assert.equal(moved("ArrowLeft", false, 7, 0, 100), 6);
    assert.equal(moved("ArrowRight", true, 7, 0, 100), 12);
    assert.equal(moved("ArrowLeft", true, 2, 0, 100), 0);
    assert.equal(moved("ArrowLeft", true, 52, 50, 100), 50);
    assert.equal(moved("ArrowRight", false, 100, 0, 100), 100);
    assert.deepEqual([moved("Home", false, 70, 50, 100), moved("End", false, 7, 0, 100)], [50, 100]);
    assert.equal(moved("a", false, 7, 0, 100), null);
});

test("zooming keeps the step that is pointed to in its place, and ends at the whole run", () => {
    assert.deepEqual(zoomed([0, 100], 0.5, 50, [0, 100]), [25, 75]);
    assert.deepEqual(zoomed([0, 100], 0.5, 100, [0, 100]), [50, 100]);
    assert.deepEqual(zoomed([80, 100], 2, 80, [0, 100]), [60, 100]);
    assert.equal(zoomed([25, 75], 2, 50, [0, 100]), null);
    assert.deepEqual(zoomed([48, 52], 0.5, 50, [0, 100]), [48, 52]);
    assert.equal(zoomed([1, 3], 0.5, 1, [1, 3]), null);
});
