import assert from "node:assert/strict";
import {test} from "node:test";
import {countText, cutAt, cutText, passedBy, wordsOf} from "../../javascript/tt/counter.mjs";

const marks = [
    {tokens: 75, part: 1},
    {tokens: 150, part: 3},
];

test("words of a line are all of it, and a separator belongs to what follows", () => {
    for (const line of ["a red  hat", " a, ", "", ",", "猫が 寝ている。 "]) assert.equal(wordsOf(line).join(""), line);
    assert.deepEqual(wordsOf("a red, hat,"), ["a", " red", ", hat,"]);
});

test("the limit is passed where the mark of the settings' own number stands", () => {
    assert.equal(cutAt({tokens: 160, most: 150, marks}), 3);
    assert.equal(cutAt({tokens: 160, most: 225, marks}), null);
    assert.equal(passedBy({tokens: 160, most: 225, marks}, 1), 75);
    assert.equal(passedBy({tokens: 160, most: 225, marks}, 2), null);
    assert.equal(passedBy(null, 1), null);
});

test("what is cut off is named by its first part", () => {
    const counted = {tokens: 80, most: 75, marks: [{tokens: 75, part: 1}]};
    assert.equal(countText(counted), "80 / 75 tokens");
    assert.equal(cutText(counted, ["a", ", red hat", ", b"]), "75 tokens end here: red hat. The rest is not trained.");
    assert.match(cutText(counted, ["a"]), /what the settings put behind/);
    assert.equal(cutText({tokens: 5, most: 75, marks: []}, ["a"]), "");
});
