import assert from "node:assert/strict";
import {test} from "node:test";

const {barsHtml, headText, percent, promptsHtml, setOf, targetOf, termOf, wouldText} =
    await import("../../javascript/tt/setbars.mjs");

const set = (more = {}) => ({
    folder: "10_mochi",
    name: "mochi",
    reg: false,
    pictures: 18,
    repeats: 10,
    uses: 180,
    share: 0.5,
    trigger: "mochi",
    ...more,
});

test("a set's pictures are named by a filter, whatever its name is", () => {
    assert.equal(termOf(set()), "folder:10_mochi");
    assert.equal(termOf(set({folder: '5_my "hat"', reg: true})), 'folder:"5_my \\"hat\\"" is:reg');
});

test("a bar says how much of an epoch its set gets, and never that it gets nothing", () => {
    assert.deepEqual([0.5, 0.004, 0.996, 0].map(percent), ["50 %", "< 1 %", "100 %", "0 %"]);
    const html = barsHtml([set({name: "<b>", trigger: "hat"})], "folder:10_mochi");
    assert.match(html, /--share:50\.00%/);
    assert.match(html, /aria-label="50 % of an epoch"/);
    assert.match(html, /aria-pressed="true"/);
    assert.match(html, /&#60;b&#62;.*trigger word hat/);
    assert.match(html, /18 pictures, 180 in an epoch/);
    assert.doesNotMatch(html, /<b><b>/);
});

test("a trigger word is told where it is not the set's name, and regularisation by its own word", () => {
    assert.doesNotMatch(barsHtml([set()], ""), /trigger word/);
    assert.match(barsHtml([set({reg: true})], ""), /data-reg="true".*regularisation/);
});

test("sets of one name are told apart by their kind", () => {
    const sets = [set(), set({reg: true})];
    assert.equal(setOf(sets, "10_mochi", true), sets[1]);
    assert.equal(setOf(sets, "9_mochi", true), null);
    assert.equal(headText({uses: 180, sets: [set()]}), "Pictures in an epoch: 180");
    assert.equal(headText({uses: 360, sets}), "2 sets; pictures in an epoch: 360");
});

test("what is written names a new set, with repeats or without", () => {
    assert.deepEqual(targetOf(" 5_big hat ", 10), {name: "big hat", repeats: 5});
    assert.deepEqual(targetOf("hat", 10), {name: "hat", repeats: 10});
    assert.deepEqual(targetOf("2hats", 3), {name: "2hats", repeats: 3});
});

test("what would be made is said with its sizes, and that all is there", () => {
    const found = {missing: 3, pictures: 4, folder: "1_cat", sizes: [{pictures: 3, width: 512, height: 768}]};
    assert.equal(wouldText(found), "Makes 3 pictures in 1_cat (1 are there already): 512 × 768");
    assert.equal(wouldText({...found, missing: 1, pictures: 1}), "Makes 1 picture in 1_cat: 512 × 768");
    const two = {...found, pictures: 3, sizes: [...found.sizes, {pictures: 1, width: 512, height: 512}]};
    assert.equal(wouldText(two), "Makes 3 pictures in 1_cat: 512 × 768 (3), 512 × 512 (1)");
    assert.match(wouldText({...found, missing: 0}), /All 4 are there already/);
    assert.equal(promptsHtml([{seed: 7, prompt: "<a>"}]), '<li><i>7</i> <span translate="no">&#60;a&#62;</span></li>');
});
