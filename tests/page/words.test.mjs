import assert from "node:assert/strict";
import {afterEach, beforeEach, test} from "node:test";
import {listed, say, sentence, sentences, told} from "../../javascript/tt/words.mjs";

const LIMITS = {template: "must be between {low} and {high}", values: {low: "1", high: "4"}};

beforeEach(() => {
    const known = {"Train Tools: must be between {low} and {high}": "{low} bis {high} bitte"};
    globalThis.getTranslation = (words) => known[words];
});
afterEach(() => {
    delete globalThis.getTranslation;
});

test("a sentence of the server has its values in its translation", () => {
    assert.equal(say(LIMITS), "1 bis 4 bitte");
    assert.equal(say({template: "{0}; {1}", values: {0: LIMITS, 1: "{low}"}}), "1 bis 4 bitte; {low}");
});

test("a sentence without translation is English, and a place without value stays", () => {
    assert.equal(say({template: "step {step} of {all}", values: {step: "7"}}), "step 7 of {all}");
    assert.equal(say("plain"), "plain");
});

test("what stands beside a sentence words it", () => {
    assert.equal(sentence({remedy: "must be ...", remedy_text: LIMITS}, "remedy"), "1 bis 4 bitte");
    assert.equal(sentence({remedy: "English", remedy_text: null}, "remedy"), "English");
    assert.deepEqual(sentences({notes: ["a", "b"], notes_text: [null, LIMITS]}, "notes"), ["a", "1 bis 4 bitte"]);
    assert.deepEqual(sentences({notes: ["a"]}, "notes"), ["a"]);
});

test("parts of a line stand as the language writes them", () => {
    assert.equal(listed(["3 added", "2 left out"]), "3 added, 2 left out");
    assert.equal(told("Finished", "3 files"), "Finished: 3 files");
    const chinese = {"Train Tools: {}, {}": "{}，{}", "Train Tools: {}: {}": "{}：{}"};
    globalThis.getTranslation = (words) => chinese[words];
    assert.equal(listed(["a", "b", "c"]), "a，b，c");
    assert.equal(told("a", "b {}"), "a：b {}");
});
