import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {gridsOf, nameOfPicture} = await import("../../javascript/tt/generated.mjs");
const {nameOfSet} = await import("../../javascript/tt/into.mjs");

test("a gallery's address gives the file's own name", () => {
    const address = "http://127.0.0.1:7860/file=/out/2024-05-01/00001-7%20%E7%8C%AB.png?1714550400.5";
    assert.equal(nameOfPicture(address), "00001-7 猫.png");
    assert.equal(nameOfPicture("http://a/file=/100%.png#x"), "100%.png");
    assert.equal(nameOfPicture(""), "");
});

test("grids that come first are counted by what the WebUI keeps of its pictures", () => {
    assert.deepEqual(['{"index_of_first_image": 1}', '{"seed": 1}', "", "{", "null"].map(gridsOf), [1, 0, 0, 0, 0]);
});

test("a set has its name behind the repeats", () => {
    assert.deepEqual(["10_mochi", "2_3_x", "plain"].map(nameOfSet), ["mochi", "3_x", "plain"]);
});
