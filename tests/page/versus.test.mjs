import assert from "node:assert/strict";
import {test} from "node:test";

import {linesOfBoth} from "../../javascript/tt/versuscurve.mjs";
import {valueText} from "../../javascript/tt/versusparts.mjs";

const POINTS = [
    [1, 1],
    [2, 0],
];

test("each run has a line of its smoothed loss and one of its held-out pictures, in its own colour", () => {
    const lines = linesOfBoth({loss: [POINTS, POINTS], val_on: [POINTS, []], "lr unet": [POINTS, POINTS]});
    assert.deepEqual(
        lines.map(({name, colour}) => [name, colour]),
        [
            ["loss 0", "--tt-one"],
            ["loss 1", "--tt-other"],
            ["val_on 0", "--tt-one"],
        ],
    );
    assert.ok(Math.abs(lines[0].points[1][1] - 0.95 / 1.95) < 1e-12);
    assert.deepEqual(lines[2].points, POINTS);
});

test("a run of one point has no line", () => {
    assert.deepEqual(linesOfBoth({loss: [[[1, 1]], []]}), []);
    assert.deepEqual(linesOfBoth({}), []);
});

test("values are told as people read them", () => {
    const given = [true, false, null, "", [], {}, [512, 768], {a: 1}, 0.0001, "x"];
    assert.deepEqual(
        given.map((value) => valueText("any", value)),
        ["on", "off", "empty", "empty", "empty", "empty", "512, 768", "a=1", "1e-4", "x"],
    );
});
