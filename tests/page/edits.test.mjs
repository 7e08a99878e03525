import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {countText} = await import("../../javascript/tt/batch.mjs");
const {decided, meaning, still} = await import("../../javascript/tt/choices.mjs");
const {whyNot} = await import("../../javascript/tt/done.mjs");
const {differences} = await import("../../javascript/tt/examples.mjs");
const {chosen, usual} = await import("../../javascript/tt/scope.mjs");
const {state} = await import("../../javascript/tt/state.mjs");
const {KINDS, bodyOf, emptyStep, isReady, listOf} = await import("../../javascript/tt/steps.mjs");

test("a step is told as requests have it, without what its kind does not take", () => {
    const step = {...emptyStep("add"), tags: " solo, ,1girl， 笑顔 ", find: "left over", last: true};
    assert.deepEqual(bodyOf(step), {do: "add", tags: ["solo", "1girl", "笑顔"], last: true});
    assert.deepEqual(bodyOf({...step, do: "remove"}), {do: "remove", tags: ["solo", "1girl", "笑顔"]});
    assert.deepEqual(bodyOf({...step, do: "dedupe"}), {do: "dedupe"});
    assert.deepEqual(bodyOf({...step, do: "case", case: "upper"}), {do: "case", to: "upper"});
    assert.deepEqual(bodyOf({...step, do: "underscores"}), {do: "underscores", to: "spaces"});
    assert.deepEqual(bodyOf({...step, do: "sort", by: "name"}), {do: "sort", by: "name"});
    assert.deepEqual(listOf(""), []);
});

test("what is replaced is a tag, or text, or an expression in either", () => {
    const told = (how) => bodyOf({...emptyStep("replace"), find: "a", to: "b", how, ignoreCase: true});
    assert.deepEqual(told("tag"), {do: "replace", find: "a", to: "b", text: false, regex: false});
    const {text, regex, ignore_case: alike} = told("text-regex");
    assert.deepEqual([text, regex, alike], [true, true, true]);
    assert.deepEqual([told("tag-regex").text, told("tag-regex").regex], [false, true]);
    assert.deepEqual([told("text").text, told("text").regex], [true, false]);
});

test("a step is asked about once it is filled in", () => {
    const ready = KINDS.filter((kind) => isReady(emptyStep(kind)));
    assert.deepEqual(ready, ["sort", "dedupe", "underscores", "case", "separators"]);
    assert.ok(isReady({...emptyStep("add"), tags: "a"}));
    assert.ok(!isReady({...emptyStep("add"), tags: " , "}));
    assert.ok(isReady({...emptyStep("replace"), find: " "}));
    assert.ok(!isReady({...emptyStep("separators"), of: ""}));
});

const told = (before, after) =>
    differences(before, after)
        .map(({text, kind}) => ({same: text, gone: `-${text}`, new: `+${text}`})[kind])
        .join(" ");

test("what goes and comes in a caption is told by tags, and by words where there are no commas", () => {
    assert.equal(told("mochi, solo, smile", "mochi, smile, hat"), "mochi -solo smile +hat");
    assert.equal(told("blue_eyes", "green eyes, hat"), "-blue_eyes +green eyes +hat");
    assert.equal(told("a cat on a mat", "a dog on a mat"), "a -cat +dog on a mat");
    assert.equal(told("b, a", "a, b"), "-b a +b");
    assert.equal(told("", "mochi"), "+mochi");
    assert.equal(told("solo", ""), "-solo");
    assert.deepEqual(differences("", "blue hair"), [{text: "blue hair", kind: "new"}]);
    const long = Array.from({length: 300}, (_, place) => `t${place}`).join(", ");
    assert.equal(differences(long, `${long}, x`).length, 2);
});

test("what is meant is what is selected, else what is shown, else all", () => {
    assert.equal(usual(), "all");
    state.filter = "hat";
    assert.equal(usual(), "filter");
    state.picked = new Set([3, 5]);
    assert.equal(usual(), "picked");
    assert.deepEqual(chosen("picked"), {filter: "", ids: [3, 5]});
    assert.deepEqual(chosen("filter"), {filter: "hat"});
    assert.deepEqual(chosen("all"), {filter: ""});
    Object.assign(state, {filter: "", picked: new Set()});
});

test("counts say what would change, and what cannot be read", () => {
    const found = {captions: 3, pictures: 9, unreadable: []};
    assert.equal(countText(found), "Changes 3 of 9 captions.");
    assert.equal(countText({...found, captions: 0}), "Changes nothing in these pictures: 9");
    assert.match(countText({...found, unreadable: ["a.txt", "b.txt"]}), /Cannot be read: a\.txt, b\.txt$/);
});

test("a refusal names what was wrong, and without an answer nothing was changed", () => {
    assert.match(whyNot(null), /^No answer/);
    assert.equal(whyNot({error: {message: "there is no edit 3", problems: []}}), "there is no edit 3");
    const problems = [{setting: "find", value: "(", remedy: "is no regular expression"}];
    assert.equal(whyNot({error: {message: "1 setting", problems}}), "(: is no regular expression");
    const empty = [{setting: "tagger_folder", value: "", remedy: "name a folder"}];
    assert.equal(whyNot({error: {message: "1 setting", problems: empty}}), "name a folder");
});

test("what is decided stays when the tags are asked anew, and is told in words", () => {
    const tag = (name, belongs) => ({tag: name, belongs, pictures: 3, share: 1});
    const tags = still([tag("ears", true), tag("hat", true)], [tag("hat", false), tag("gone", true)]);
    assert.deepEqual([decided(tags, true), decided(tags, false)], [["ears"], ["hat"]]);
    assert.match(meaning("mochi", tags), /"mochi" brings by itself: ears\. Only where the prompt names them: hat\./);
    assert.match(meaning("", [tag("hat", false)]), /^… takes over nothing/);
});
