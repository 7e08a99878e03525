import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {CHANGES, choose, emptyWish, isReady, partsOf, requestOf} = await import("../../javascript/tt/changes.mjs");
const {countText} = await import("../../javascript/tt/counting.mjs");
const {enlargedText, ratioOf} = await import("../../javascript/tt/crop.mjs");
const {outcome} = await import("../../javascript/tt/retouch.mjs");

function wishOf(action, more = {}) {
    const wish = emptyWish();
    choose(wish, action);
    return Object.assign(wish, more);
}

test("each change is told as requests have it, without what it does not take", () => {
    const usual = {tagged: false, tags: [], take_out: true};
    assert.deepEqual(requestOf(wishOf("enlarge")), ["enlarge", {factor: null, upscaler: "", ...usual}]);
    assert.deepEqual(requestOf(wishOf("enlarge", {factor: "1.5"}))[1].factor, 1.5);
    assert.deepEqual(requestOf(wishOf("rotate", {degrees: 270})), ["rotate", {degrees: 270, ...usual}]);
    assert.deepEqual(requestOf(wishOf("mirror")), ["mirror", {...usual, take_out: false}]);
    assert.deepEqual(requestOf(wishOf("reduce", {takeOut: true})), [
        "reduce",
        {factor: 0.5, ...usual, take_out: false},
    ]);
    assert.deepEqual(requestOf(wishOf("person", {folder: " girl "}))[1].name, "girl");
    assert.deepEqual(requestOf(wishOf("multiply", {tags: "a, b，"}))[1].tags, ["a", "b"]);
    assert.deepEqual(requestOf(wishOf("mask")), ["masks", {source: "alpha"}]);
});

test("a background is a color, or where something is cut out what is transparent too", () => {
    const told = (more) => requestOf(wishOf("background", more))[1];
    assert.deepEqual([told({}).color, told({}).cut_out], ["#ffffff", ""]);
    assert.equal(told({clear: true}).color, "#ffffff");
    assert.deepEqual(told({cutOut: "u2net", clear: true}).color, "transparent");
    assert.deepEqual(partsOf(wishOf("background", {cutOut: "u2net", clear: true})), ["cutOut", "clear"]);
    assert.deepEqual(partsOf(wishOf("background")), ["cutOut", "color"]);
    assert.deepEqual(partsOf(wishOf("background", {cutOut: "file"})), ["cutOut", "cutFile", "clear", "color"]);
    assert.equal(told({cutOut: "file", cutFile: " /models/u2net.onnx "}).cut_out, "/models/u2net.onnx");
    assert.ok(!isReady(wishOf("background", {cutOut: "file", cutFile: " "})));
});

test("captions are told what was done where there is something to tell", () => {
    const tagged = Object.keys(CHANGES).filter((action) => requestOf(wishOf(action, {tagged: true}))[1].tagged);
    assert.deepEqual(tagged, ["crop", "split", "mirror", "person", "multiply"]);
});

test("a detector asks for a margin, what draws the eye for a share, and a file for its path", () => {
    const crop = wishOf("crop");
    assert.deepEqual(partsOf(crop), ["detector", "share", "held"]);
    crop.detector = {kind: "file", path: ""};
    assert.deepEqual(partsOf(crop), ["detector", "margin", "held"]);
    assert.ok(!isReady(crop));
    crop.detector.path = " /models/face.onnx ";
    assert.ok(isReady(crop));
    assert.deepEqual(requestOf(crop)[1], {detector: "/models/face.onnx", margin: 0.1, held: true, tagged: false, tags: [], take_out: false}); // prettier-ignore
    assert.deepEqual(partsOf(wishOf("mask", {mask: "detector"})), ["mask", "detector", "margin"]);
    assert.deepEqual(partsOf(wishOf("mask", {mask: "invert"})), ["mask"]);
});

test("what is missing is missed", () => {
    assert.ok(!isReady(wishOf("split", {parts: []})));
    assert.ok(!isReady(wishOf("person", {folder: " "})));
    assert.ok(!isReady(wishOf("multiply", {count: 0})));
    assert.deepEqual(Object.keys(CHANGES).filter((action) => !isReady(wishOf(action))), []); // prettier-ignore
});

test("it is counted before how much would come of it", () => {
    assert.equal(
        countText({made: 3, pictures: 5, examples: ["a-crop1.png"]}),
        "Makes 3 new pictures of 5, such as a-crop1.png",
    );
    assert.equal(countText({made: 0, pictures: 5, examples: []}), "Makes nothing of these pictures: 5");
});

test("a shape is of the bucket, the picture, two numbers, or free", () => {
    const picture = {width: 400, height: 200, bucket: [512, 768]};
    assert.deepEqual(["bucket", "picture", "3:4", "free"].map((shape) => ratioOf(shape, picture)), [2 / 3, 2, 0.75, null]); // prettier-ignore
    assert.equal(enlargedText({w: 512, h: 768}, picture.bucket), "");
    assert.match(enlargedText({w: 256, h: 384}, picture.bucket), /enlarge it 2\.00 times/);
});

test("work that ended is an edit to take back, or says why nothing came of it", () => {
    const result = {edit: null, examples: [], refused: ["a.png: no face"], cancelled: false};
    assert.deepEqual(outcome({error: null, result}).left, ["a.png: no face"]);
    assert.match(outcome({error: null, result}).label, /No new pictures/);
    assert.match(outcome({error: null, result: {...result, cancelled: true}}).label, /^Cancelled/);
    const edit = {number: 7, label: "mirrored: 2 new pictures", left: ["b.png: is in use"]};
    const made = outcome({error: null, result: {...result, edit}});
    assert.deepEqual([made.number, made.label, made.left.length], [7, edit.label, 2]);
    assert.deepEqual(outcome({error: {message: "no"}}), {error: {message: "no"}});
    assert.equal(outcome(null), null);
});
