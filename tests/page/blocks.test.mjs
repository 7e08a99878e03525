import assert from "node:assert/strict";
import {test} from "node:test";

import {depthOf, numbersOf, presetText, sidesOf, withNumber} from "../../javascript/tt/block_numbers.mjs";

const CURVES = {sine: [0, 0.7071, 1], zeros: [0, 0, 0]};

test("a text of blocks is its numbers, a curve's, or the same for each where nothing stands", () => {
    for (const [text, numbers] of [
        ["1, 0.5,0", [1, 0.5, 0]],
        ["", [8, 8, 8]],
        [" 1,,2 ", [1, 0, 2]],
        ["1e-4,0,0", [0.0001, 0, 0]],
        ["sine", [0, 0.7071, 1]],
        ["sine + .25", [0.25, 0.9571, 1.25]],
        ["sine+x", null],
        ["sine+1+1", null],
        ["cosine", null],
        ["1,2", null],
        ["1,2,3,4", null],
        ["1;2;3", null],
    ])
        assert.deepEqual(numbersOf(text, 3, 8, CURVES), numbers, text);
    assert.equal(numbersOf("sine", 3, 8), null); // no name may stand there
});

test("a slider changes its number and leaves the others", () => {
    assert.equal(withNumber([16, 16, 8], 1, 4), "16, 4, 8");
    assert.equal(withNumber([1, 0.00001], 0, 0.05), "0.05, 1e-5");
});

test("a preset is a multiple of what each block has, whole where the sliders go by whole numbers", () => {
    assert.equal(presetText([0, 0.7071, 1], 16, 1), "0, 11, 16");
    assert.equal(presetText([0, 0.7071, 1], 1, 0.05), "0, 0.7071, 1");
});

test("blocks stand side by side with those of their side, and none where nothing is trained", () => {
    assert.deepEqual(sidesOf(["", "IN00", "IN01", "M00", "OUT00", ""]), [
        {side: "IN", blocks: [{name: "IN00", place: 1}, {name: "IN01", place: 2}]},
        {side: "M", blocks: [{name: "M00", place: 3}]},
        {side: "OUT", blocks: [{name: "OUT00", place: 4}]},
    ]); // prettier-ignore
    assert.deepEqual(
        sidesOf(["BASE", "IN00"]).map(({side}) => side),
        ["BASE", "IN"],
    );
});

test("the way down goes down and the way up comes back", () => {
    assert.deepEqual(
        [0, 1, 2].map((place) => depthOf("IN", place, 3)),
        [0, 0.5, 1],
    );
    assert.deepEqual(
        [0, 1, 2].map((place) => depthOf("OUT", place, 3)),
        [1, 0.5, 0],
    );
    assert.deepEqual([depthOf("M", 0, 1), depthOf("BASE", 0, 1)], [1, 0]);
});
