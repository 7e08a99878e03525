import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {nameOfFolder} = await import("../../javascript/tt/begin.mjs");
const {aboutText, figuresText, inOrder} = await import("../../javascript/tt/cards.mjs");
const {drawing} = await import("../../javascript/tt/drawings.mjs");
const {changesFor, trainedAs} = await import("../../javascript/tt/trigger.mjs");

test("a project is called as the one folder that its pictures lie in, without repeats", () => {
    assert.equal(nameOfFolder(["10_mochi/a.png", "10_mochi/a.txt"]), "mochi");
    assert.equal(nameOfFolder(["my set/10_mochi/a.png", "my set/5_cat/b.png"]), "my set");
    assert.equal(nameOfFolder(["猫(1)/a.png"]), "猫 1");
    assert.equal(nameOfFolder([`${"x".repeat(90)}/a.png`]), "x".repeat(40));
});

test("pictures of no folder, or of several, name no project", () => {
    for (const paths of [[], ["a.png"], ["a/1.png", "b/1.png"], ["a/1.png", "2.png"], ["10_/a.png"], ["???/a.png"]])
        assert.equal(nameOfFolder(paths), "");
});

test("a trigger word stands alone where nobody named the folder, and before a name that somebody gave", () => {
    const unnamed = {words: ["subject"], used: []},
        named = {words: ["girl"], used: []},
        used = {words: ["subject"], used: ["subject"]};
    assert.deepEqual(changesFor("neko", unnamed, ["hat"]), {caption_prefix: "neko", drop_tags: ["hat", "subject"]});
    assert.deepEqual(changesFor("neko", unnamed, ["subject"]), {caption_prefix: "neko"});
    assert.deepEqual(changesFor("subject", unnamed, []), {caption_prefix: "subject"});
    assert.deepEqual(changesFor("neko", named, []), {caption_prefix: "neko"});
    assert.deepEqual(changesFor("neko", used, []), {caption_prefix: "neko"});
});

test("what pictures are trained as is their trigger word, and the name of their folder unless it is dropped", () => {
    assert.equal(trainedAs("", ["subject"], []), '"subject"');
    assert.equal(trainedAs("neko", ["subject"], ["subject"]), '"neko"');
    assert.equal(trainedAs("neko", ["girl", "boy"], []), '"neko, girl" / "neko, boy"');
});

test("a card shows what is known, and nothing else", () => {
    assert.equal(figuresText({steps: 900, seconds: 420, memory_bytes: 6.9 * 2 ** 30}), "900 steps · ~7 min · 6.9 GB");
    assert.equal(figuresText({steps: 900, seconds: null, memory_bytes: null}), "900 steps");
    assert.equal(figuresText({steps: null, seconds: null, memory_bytes: null}), "");
});

test("what the figures are of is said once for all cards", () => {
    const fits = {steps: 900, supposed: true, fits: true, family: "sd1"};
    assert.match(aboutText([fits]), /^Figures: for 20 pictures[^.]*\.$/);
    assert.equal(aboutText([{...fits, supposed: false}]), "");
    assert.equal(aboutText([{...fits, steps: null, fits: null}]), "");
    const others = [false, false].map((unfit) => ({...fits, supposed: false, fits: unfit}));
    assert.match(aboutText(others), /^These were made for SD 1\.5;/);
    assert.equal(aboutText([]), "");
});

test("the plain preset stands first, and each has a drawing", () => {
    assert.deepEqual(inOrder([{name: "a"}, {name: "course"}, {name: "b"}]).map(({name}) => name), ["course", "a", "b"]); // prettier-ignore
    assert.equal(drawing("of tomorrow"), drawing("course"));
    assert.notEqual(drawing("CherryCat"), drawing("course"));
});
