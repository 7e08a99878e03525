import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {countText, headText, remarksOf} = await import("../../javascript/tt/proposal.mjs");
const {chosenOf, listOf} = await import("../../javascript/tt/taggers.mjs");
const thresholds = await import("../../javascript/tt/thresholds.mjs");

const FOUND = {
    found: [{name: "wd-v3", kind: "wd", model: "/t/wd-v3/model.onnx", missing: "", usual_threshold: 0.35}],
    host: [
        {name: "deepbooru", title: "DeepBooru", makes: "tags", missing: "model is missing"},
        {name: "blip", title: "BLIP", makes: "sentence", missing: ""},
    ],
};

test("taggers that lie in folders come first, and those that lack something cannot be taken", () => {
    const list = listOf(FOUND);
    assert.deepEqual(
        list.map((one) => [one.title, one.makes, one.missing]),
        [
            ["wd-v3", "tags", ""],
            ["DeepBooru", "tags", "model is missing"],
            ["BLIP", "sentence", ""],
        ],
    );
    assert.equal(chosenOf(list, {}).title, "wd-v3");
    assert.equal(chosenOf(list, {tagger: "blip", model: ""}).title, "BLIP");
    assert.equal(chosenOf(list, {tagger: "deepbooru", model: ""}).title, "wd-v3");
    assert.equal(chosenOf([list[1]], {}), null);
});

test("what is told is complete, and empty thresholds stay the tagger's own", () => {
    const declared = [
        {name: "general_threshold", default: null},
        {name: "mode", default: "missing"},
        {name: "exclude_tags", default: []},
    ];
    assert.deepEqual(thresholds.complete(declared, {mode: "append", gone: 3}), {
        general_threshold: null,
        mode: "append",
        exclude_tags: [],
    });
});

test("a tag is left out and taken in again, however the list was written", () => {
    assert.deepEqual(thresholds.leftOut([], "solo"), ["solo"]);
    assert.deepEqual(thresholds.leftOut("Solo, 1girl", "solo"), ["1girl"]);
    assert.deepEqual(thresholds.leftOut(["1girl"], "solo"), ["1girl", "solo"]);
    assert.deepEqual(thresholds.listOf(null), []);
});

test("a proposal says how much it adds, and what is to be known", () => {
    const found = {captions: 18, label: "adds 214 tags to 18 captions", makes: "tags", refused: [], unreadable: []};
    assert.equal(headText(found), "Adds 214 tags to 18 captions");
    assert.equal(headText({...found, makes: "sentence"}), "Writes 18 captions");
    assert.match(headText({...found, captions: 0}), /^It would change nothing/);
    assert.deepEqual(remarksOf(found), []);
    const odd = {...found, stopped: true, refused: ["a.png: is damaged"], unreadable: ["b.txt", "c.txt"]};
    assert.equal(remarksOf(odd).length, 3);
    assert.match(remarksOf(odd)[2], /b\.txt, c\.txt$/);
});

test("how many pictures would be tagged is told, and why none would", () => {
    assert.equal(countText({pictures: 6, chosen: 10}), "Pictures that would be tagged: 6 of 10.");
    assert.match(countText({pictures: 0, chosen: 10}), /^All of these have captions/);
    assert.match(countText({pictures: 0, chosen: 0}), /no such pictures/);
    assert.match(countText(null), /^No answer/);
});
