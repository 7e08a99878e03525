import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {endingOf, nothingTaken, takenEnding, together} = await import("../../javascript/tt/worked.mjs");

const result = (more) => ({kept: 0, same: 0, renamed: 0, converted: 0, captioned: 0, left_out: 0, edit: 0, refused: [],
    twice: [], unreadable: [], cancelled: false, ...more}); // prettier-ignore

test("parts of one upload are told as one, with the edit that takes all of it back", () => {
    const all = [result({kept: 3, converted: 1, edit: 7, twice: ["b.png: as a.png"]}), result({kept: 2, edit: 7}), result({same: 4})].reduce(together, nothingTaken()); // prettier-ignore
    const {words, edit, lists} = takenEnding(all);
    assert.equal(words, "5 added, 4 were there already, 1 converted to PNG; the originals are kept");
    assert.equal(edit, 7);
    assert.deepEqual(
        lists.filter((one) => one.lines.length),
        [{title: "There under another name too: 1", lines: ["b.png: as a.png"]}],
    );
});

test("files that could not be taken are named, also where nothing else came", () => {
    const {words, lists} = endingOf({
        kind: "import",
        result: result({refused: ["a.png: is empty"], unreadable: ["c.png: is damaged"]}),
    });
    assert.equal(words, "Nothing was added.");
    assert.deepEqual(lists.map((one) => one.lines).flat(), ["a.png: is empty", "c.png: is damaged"]);
    assert.equal(takenEnding(nothingTaken()).words, "No pictures were found.");
});

test("an import that was cancelled or failed says so", () => {
    assert.match(endingOf({kind: "import", result: result({cancelled: true})}).words, /^Cancelled/);
    const failed = endingOf({kind: "import", error: {message: "the disk is full"}, result: {}});
    assert.deepEqual([failed.words, failed.wrong], ["the disk is full", true]);
});

test("what was made of pictures is told with its edit, and what was left with the reason", () => {
    const edit = {number: 7, label: "masks: 2", left: ["a.png: has no mask"]};
    const {words, edit: number, lists} = endingOf({kind: "masks", result: {refused: [], cancelled: false, edit}});
    assert.deepEqual([words, number], ["masks: 2", 7]);
    assert.deepEqual(lists, [{title: "Left as they are: 1", lines: ["a.png: has no mask"]}]);
    assert.match(endingOf({kind: "crop", result: {refused: [], cancelled: true, edit: null}}).words, /^Cancelled/);
});
