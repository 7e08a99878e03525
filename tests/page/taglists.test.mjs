import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener() {}, querySelector: () => null};
globalThis.window = {addEventListener() {}};
const {switched} = await import("../../javascript/tt/taglists.mjs");

test("a tag goes onto a list, and off it however it is written there", () => {
    assert.deepEqual(switched(["1girl"], "blue eyes"), ["1girl", "blue eyes"]);
    assert.deepEqual(switched(["1girl", "Blue_Eyes"], "blue eyes"), ["1girl"]);
    assert.deepEqual(switched([], "a"), ["a"]);
});
