import assert from "node:assert/strict";
import {test} from "node:test";

import {Undo} from "../../javascript/tt/undo.mjs";
import {itemsOf, numberText, same, stepped, textOf} from "../../javascript/tt/values.mjs";

test("numbers are written as people write rates and sizes", () => {
    for (const [value, text] of [
        [0.0001, "1e-4"],
        [0.00005, "5e-5"],
        [0.000044, "4.4e-5"],
        [-0.0002, "-2e-4"],
        [0.001, "0.001"],
        [0, "0"],
        [16, "16"],
        [1000000, "1000000"],
    ])
        assert.equal(numberText(value), text);
});

test("lists, names with values and nothing are shown as they are typed", () => {
    assert.equal(textOf({separator: ","}, [512, 768]), "512, 768");
    assert.equal(textOf({separator: "\n"}, ["a, b", "c"]), "a, b\nc");
    assert.equal(textOf({separator: ","}, {weight_decay: 0.1, betas: "0.9,0.99"}), "weight_decay=0.1 betas=0.9,0.99");
    assert.equal(textOf({separator: ","}, null), "");
    assert.equal(textOf({separator: ","}, "8x"), "8x");
    assert.deepEqual(itemsOf({separator: ","}, " Euler a, DDIM ,"), ["Euler a", "DDIM"]);
});

const RATE = {kind: "float", low: 0, high: 1000, default: 1e-4};
const RANK = {kind: "int", low: 1, high: 1024, default: 16};

test("arrow keys step a rate by its first digit and whole numbers by one, within the limits", () => {
    for (const [text, up, to] of [
        ["1e-4", 1, "2e-4"],
        ["2e-4", -1, "1e-4"],
        ["1e-4", -1, "9e-5"],
        ["9e-5", 1, "1e-4"],
        ["0", -1, "0"],
        ["", 1, "2e-4"],
    ])
        assert.equal(stepped(text, up, RATE), to, `${text} ${up}`);
    assert.equal(stepped("1", -1, RANK), "1");
    assert.equal(stepped("1024", 1, RANK), "1024");
    assert.equal(stepped("0.1", 1, {...RATE, slider: [0, 1, 0.05]}), "0.15");
    assert.equal(stepped("8x", 1, RANK), null);
});

test("values are the same where their JSON is", () => {
    assert.ok(same([1, 2], [1, 2]));
    assert.ok(!same("1", 1));
});

test("letters of one number are one step back, other settings and later changes are their own", () => {
    const undo = new Undo();
    assert.equal(undo.next, null);
    assert.equal(undo.take(), null);
    undo.note({rank: 16}, 0);
    undo.note({rank: "1"}, 500);
    undo.note({rank: "12"}, 2400); // goes on from the last letter, not from the first
    undo.note({alpha: 8}, 2500);
    undo.note({rank: "128"}, 2600);
    undo.note({rank: "64"}, 9000);
    undo.note({}, 9100);
    assert.deepEqual(undo.next, {rank: "64"});
    assert.deepEqual(
        [undo.take(), undo.take(), undo.take(), undo.take(), undo.take()],
        [{rank: "64"}, {rank: "128"}, {alpha: 8}, {rank: 16}, null],
    );
});

test("no more than a hundred steps are remembered", () => {
    const undo = new Undo();
    for (let i = 0; i < 150; i++) undo.note({[`setting ${i}`]: i}, i);
    assert.equal(undo.steps.length, 100);
    assert.deepEqual(undo.next, {"setting 149": 149});
});

test("what is done by a button is a step of its own beside what was typed", () => {
    const undo = new Undo();
    undo.note({steps: 10}, 0);
    undo.note({steps: 20}, 100, true);
    undo.note({steps: 30}, 200);
    assert.deepEqual([undo.take(), undo.take(), undo.take()], [{steps: 30}, {steps: 20}, {steps: 10}]);
});
