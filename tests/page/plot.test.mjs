import assert from "node:assert/strict";
import {test} from "node:test";

import {seenPart, visible} from "../../javascript/tt/plot.mjs";

const line = (label, more = {}) => ({label, scale: "loss", show: true, meanOf: "", ...more});
const plot = (series, idxs = [1, 2]) => ({
    series: [{idxs}, ...series],
    data: [[1, 2, 3, 4], [9, 0.1, 0.2, 9], [9, 5, 5, 9]],
    scales: {x: {min: 1, max: 4}},
}); // prettier-ignore

test("an axis shows values of its own visible lines at the visible steps", () => {
    assert.deepEqual(visible(plot([line("loss"), line("val_on")]), "loss"), [0.1, 0.2, 5, 5]);
    assert.deepEqual(visible(plot([line("loss"), line("val_on", {show: false})]), "loss"), [0.1, 0.2]);
    assert.deepEqual(visible(plot([line("loss"), line("lr unet", {scale: "rate"})]), "rate"), [5, 5]);
    assert.deepEqual(visible(plot([line("loss"), line("val_on")], null), "loss"), []);
});

test("a mean, which an outlier lifts for long, widens no axis that shows what it is of", () => {
    const smooth = line("loss smoothed", {meanOf: "loss"});
    assert.deepEqual(visible(plot([line("loss"), smooth]), "loss"), [0.1, 0.2]);
    assert.deepEqual(visible(plot([line("loss", {show: false}), smooth]), "loss"), [5, 5]);
});

test("a part of the steps is one only while it is not all of them", () => {
    const seen = plot([]);
    assert.equal(seenPart(seen), null);
    seen.scales.x = {min: 2, max: 4};
    assert.deepEqual(seenPart(seen), [2, 4]);
    seen.scales.x = {min: null, max: null};
    assert.equal(seenPart(seen), null);
});
