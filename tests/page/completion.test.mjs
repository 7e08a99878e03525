import assert from "node:assert/strict";
import {test} from "node:test";
import {shortly, usesText} from "../../javascript/tt/completion.mjs";

test("posts of a site are told in a few signs", () => {
    assert.deepEqual([5200000, 34499, 999, 0].map(shortly), ["5.2M", "34k", "999", "0"]);
});

test("a tag says how many pictures here have it, else how many there, and by which name it was found", () => {
    const one = (facts) => usesText({tag: "x", pictures: 0, posts: 0, alias: "", ...facts});
    assert.equal(one({pictures: 1}), "1 picture");
    assert.equal(one({pictures: 3, posts: 9}), "3 pictures");
    assert.equal(one({posts: 1800000, alias: "azure eyes"}), "← azure eyes  1.8M");
    assert.equal(one({}), "");
});
