import assert from "node:assert/strict";
import {test} from "node:test";

import {changedElsewhere, differs, picked, unsent} from "../../javascript/tt/merge.mjs";

test("values are the same where a form shows them the same", () => {
    assert.equal(differs([1, 2], "1, 2"), false);
    assert.equal(differs(null, ""), false);
    assert.equal(differs(undefined, null), false);
    assert.equal(differs(false, ""), true);
    assert.equal(differs("1e-4", "0.0001"), true);
});

test("what was sent, and what is being taken over, is not sent again", () => {
    const values = {rank: "8", alpha: "4", seed: "1"};
    assert.deepEqual(unsent(values, {rank: "16", alpha: "4", seed: "2"}, ["seed"]), ["rank"]);
    assert.deepEqual(picked(values, ["rank"]), {rank: "8"});
});

test("what changes elsewhere is taken, except what is being changed here", () => {
    assert.deepEqual(changedElsewhere({rank: "8", alpha: "2"}, {rank: "16", alpha: "4"}, ["alpha"]), ["rank"]);
});
