import assert from "node:assert/strict";
import {test} from "node:test";

const {countText, sideText, toggled, valuesOf} = await import("../../javascript/tt/sheetaxes.mjs");

test("values with commas stand between quotes, and lists of weights are parted by semicolons", () => {
    assert.deepEqual(valuesOf("prompt", 'a cat, "standing, smiling","say ""hi"""'), [
        "a cat",
        "standing, smiling",
        'say "hi"',
    ]);
    assert.deepEqual(valuesOf("blocks", "off; 1,0,1 ;FACE"), ["off", "1,0,1", "FACE"]);
    assert.deepEqual(valuesOf("seed", ""), []);
});

test("a value that is pressed comes into the text, and goes out again", () => {
    assert.equal(toggled("sampler", "Euler a", "DDIM"), "Euler a,DDIM");
    assert.equal(toggled("sampler", "Euler a, DDIM", "Euler a"), "DDIM");
    assert.equal(toggled("blocks", "off", "FACE"), "off;FACE");
    assert.equal(toggled("checkpoint", "", "one, two"), '"one, two"');
    assert.equal(toggled("checkpoint", '"one, two"', "one, two"), "");
});

test("an axis without values is its name, and none is empty", () => {
    assert.equal(sideText("checkpoint", " "), "checkpoint");
    assert.equal(sideText("seed", " 1,2 "), "seed:1,2");
    assert.equal(sideText("", "1"), "");
});

test("the cost says pictures, those that are there, and the time where it is known", () => {
    assert.equal(countText({pictures: 1, missing: 1, seconds: null}), "1 picture, time not known yet");
    assert.equal(countText({pictures: 60, missing: 40, seconds: 120}), "60 pictures, 20 of them there already, ~2 min");
    assert.equal(countText({pictures: 6, missing: 0, seconds: 0}), "6 pictures, 6 of them there already");
});
