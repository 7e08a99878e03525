import assert from "node:assert/strict";
import {test} from "node:test";
import * as chips from "../../javascript/tt/chips.mjs";

const PLAIN = {separator: ",", mark: ""},
    MARKED = {separator: ";", mark: "|||"};
const rewritten = (line, shape) => chips.piecesOf(chips.itemsOf(line, shape), shape, line).join("");

test("a line is taken apart by the settings' separator and mark, and put together as it was written", () => {
    assert.deepEqual(chips.itemsOf(" mochi, ,blue eyes,", PLAIN), ["mochi", "blue eyes"]);
    assert.deepEqual(chips.itemsOf("a; b ||| c; d", MARKED), ["a", "b", "|||", "c", "d"]);
    assert.deepEqual(chips.itemsOf("", PLAIN), []);
    for (const line of ["mochi, blue eyes", "mochi,blue eyes", "mochi", ""]) assert.equal(rewritten(line, PLAIN), line);
    for (const line of ["a; b ||| c; d", "a;b ||| c", "||| c"]) assert.equal(rewritten(line, MARKED), line);
});

test("only the first line of a caption is written anew", () => {
    assert.equal(chips.lineOf("mochi\nnotes"), "mochi");
    assert.equal(chips.withLine("mochi\nnotes\n", "x, y"), "x, y\nnotes\n");
    assert.equal(chips.withLine("", "x"), "x");
});

test("a tag moves before any other one, and stays where it is dropped beside itself", () => {
    const items = ["a", "b", "c", "d"];
    assert.deepEqual(chips.moved(items, 0, 2), ["b", "a", "c", "d"]);
    assert.deepEqual(chips.moved(items, 3, 0), ["d", "a", "b", "c"]);
    assert.deepEqual(chips.moved(items, 1, 4), ["a", "c", "d", "b"]);
    assert.deepEqual(chips.moved(items, 1, 1), items);
    assert.deepEqual(chips.moved(items, 1, 2), items);
});

test("what is added does not come twice, however it is written", () => {
    assert.deepEqual(chips.added(["Blue_Eyes"], ["blue eyes", "hat", "HAT", "saber \\(fate\\)", "saber (fate)"]), [
        "Blue_Eyes",
        "hat",
        "saber \\(fate\\)",
    ]);
    assert.deepEqual(chips.tagsIn("a, b\nc,", PLAIN), ["a", "b", "c"]);
});

test("a tag becomes another one, several, or none, at its place", () => {
    const items = ["a", "b", "c"];
    assert.deepEqual(chips.replaced(items, 1, ["x", "y"]), ["a", "x", "y", "c"]);
    assert.deepEqual(chips.replaced(items, 1, []), ["a", "c"]);
    assert.deepEqual(chips.replaced(items, 1, ["C"]), ["a", "c"]);
    assert.deepEqual(chips.replaced(items, 1, ["B"]), ["a", "B", "c"]);
});

test("a chip is let go before the one whose left half is under the pointer, or at the end of its row", () => {
    const box = (left, top) => ({left, right: left + 40, top, bottom: top + 20}),
        boxes = [box(0, 0), box(50, 0), box(0, 30)];
    assert.equal(chips.placeAt(boxes, 10, 10), 0);
    assert.equal(chips.placeAt(boxes, 35, 10), 1);
    assert.equal(chips.placeAt(boxes, 300, 10), 2);
    assert.equal(chips.placeAt(boxes, 10, 25), 2);
    assert.equal(chips.placeAt(boxes, 35, 40), 3);
    assert.equal(chips.placeAt([], 5, 5), 0);
});
