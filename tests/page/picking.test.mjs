import assert from "node:assert/strict";
import {test} from "node:test";
import {nothing, pick, pickAll, still} from "../../javascript/tt/picking.mjs";

const order = [7, 3, 9, 1, 5];
const ids = (picked) => [...picked.ids].sort();

test("a click selects one, another one instead, with Ctrl one more or less", () => {
    let picked = pick(nothing(), order, 3, {});
    picked = pick(picked, order, 9, {});
    assert.deepEqual(ids(picked), [9]);
    picked = pick(picked, order, 1, {more: true});
    assert.deepEqual(ids(picked), [1, 9]);
    assert.deepEqual(ids(pick(picked, order, 9, {more: true})), [1]);
});

test("with Shift the range reaches from where it began, in both directions, as they are shown", () => {
    const from = pick(nothing(), order, 9, {});
    assert.deepEqual(ids(pick(from, order, 5, {range: true})), [1, 5, 9]);
    const back = pick(pick(from, order, 5, {range: true}), order, 7, {range: true});
    assert.deepEqual(ids(back), [3, 7, 9]);
    const more = pick({ids: new Set([5]), anchor: 7}, order, 3, {range: true, more: true});
    assert.deepEqual(ids(more), [3, 5, 7]);
    assert.deepEqual(ids(pick(nothing(), order, 1, {range: true})), [1]);
});

test("all are selected, and none when all were", () => {
    const all = pickAll(nothing(), order);
    assert.deepEqual(ids(all), [1, 3, 5, 7, 9]);
    assert.equal(pickAll(all, order).ids.size, 0);
    assert.equal(pickAll(nothing(), []).ids.size, 0);
});

test("what is gone is no longer selected", () => {
    const picked = still({ids: new Set([7, 4]), anchor: 4}, order);
    assert.deepEqual([ids(picked), picked.anchor], [[7], null]);
});
