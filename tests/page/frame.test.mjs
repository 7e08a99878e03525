import assert from "node:assert/strict";
import {test} from "node:test";

const {drawn, fromShares, heldTo, keyed, moved, resized, styleOf, toBox, typed, whole} =
    await import("../../javascript/tt/frame_math.mjs");

const SIZE = {width: 400, height: 300},
    FRAME = {x: 100, y: 50, w: 200, h: 100};
const key = (name, more = {}) => ({key: name, shiftKey: false, ctrlKey: false, altKey: false, ...more});
const isInside = ({x, y, w, h}) => x >= 0 && y >= 0 && x + w <= SIZE.width && y + h <= SIZE.height;

test("a frame is told as shares, and comes back to the pixel", () => {
    assert.deepEqual(fromShares([0.25, 0, 0.5, 1], SIZE), {x: 100, y: 0, w: 200, h: 300});
    assert.deepEqual(toBox(FRAME, SIZE), [0.25, 50 / 300, 0.75, 0.5]);
    assert.deepEqual(toBox(whole(SIZE), SIZE), [0, 0, 1, 1]);
    assert.equal(styleOf(FRAME, SIZE), "left:25.000%;top:16.667%;width:50.000%;height:33.333%");
});

test("a frame that is moved keeps its size and stays on the picture", () => {
    assert.deepEqual(moved(FRAME, 10, -20, SIZE), {x: 110, y: 30, w: 200, h: 100});
    assert.deepEqual(moved(FRAME, -500, 500, SIZE), {x: 0, y: 200, w: 200, h: 100});
});

test("a side follows the pointer and the opposite one stays", () => {
    assert.deepEqual(resized(FRAME, {x: 1, y: 1}, 20, 10, SIZE, null), {x: 100, y: 50, w: 220, h: 110});
    assert.deepEqual(resized(FRAME, {x: -1, y: 0}, -30, 99, SIZE, null), {x: 70, y: 50, w: 230, h: 100});
    assert.deepEqual(resized(FRAME, {x: 1, y: 0}, 999, 0, SIZE, null), {x: 100, y: 50, w: 300, h: 100});
    assert.deepEqual(resized(FRAME, {x: 0, y: -1}, 0, 999, SIZE, null), {x: 100, y: 142, w: 200, h: 8});
});

test("proportions are held: a corner keeps the one across, a side keeps the middle", () => {
    assert.deepEqual(resized(FRAME, {x: -1, y: -1}, -40, 0, SIZE, 2), {x: 60, y: 30, w: 240, h: 120});
    assert.deepEqual(resized(FRAME, {x: 1, y: 0}, 40, 0, SIZE, 2), {x: 100, y: 40, w: 240, h: 120});
    assert.deepEqual(resized(FRAME, {x: 0, y: 1}, 0, 20, SIZE, 2), {x: 80, y: 50, w: 240, h: 120});
});

test("no drag leads out of the picture or below what can be trained, whatever the proportions", () => {
    for (const ratio of [null, 0.5, 1, 3])
        for (const x of [-1, 0, 1])
            for (const y of [-1, 0, 1])
                for (const [dx, dy] of [
                    [-999, -999],
                    [999, 999],
                    [-150, 70],
                ]) {
                    if (!x && !y) continue;
                    const frame = resized(heldTo(FRAME, SIZE, ratio), {x, y}, dx, dy, SIZE, ratio);
                    assert.ok(isInside(frame), JSON.stringify([ratio, x, y, dx, dy, frame]));
                    assert.ok(Math.min(frame.w, frame.h) >= 8);
                    if (ratio)
                        assert.ok(Math.abs(frame.w - frame.h * ratio) <= Math.max(1, ratio), `${frame.w} ${frame.h}`);
                }
});

test("a frame is drawn towards any side, and held to proportions", () => {
    assert.deepEqual(drawn([100, 100], [200, 150], SIZE, null), {x: 100, y: 100, w: 100, h: 50});
    assert.deepEqual(drawn([200, 150], [100, 100], SIZE, null), {x: 100, y: 100, w: 100, h: 50});
    assert.deepEqual(drawn([100, 100], [200, 150], SIZE, 1), {x: 100, y: 100, w: 100, h: 100});
    assert.ok(isInside(drawn([399, 299], [500, 500], SIZE, 1)));
});

test("a frame that is held afterwards encloses what it had, where the picture has room", () => {
    assert.deepEqual(heldTo(FRAME, SIZE, 1), {x: 100, y: 0, w: 200, h: 200});
    assert.deepEqual(heldTo(whole(SIZE), SIZE, 1), {x: 50, y: 0, w: 300, h: 300});
    assert.equal(heldTo(FRAME, SIZE, null), FRAME);
});

test("arrows move by a hundredth, with Shift they resize, with Ctrl or Alt by a pixel, and other keys do nothing", () => {
    assert.deepEqual(keyed(FRAME, key("ArrowLeft"), SIZE, null), {...FRAME, x: 96});
    assert.deepEqual(keyed(FRAME, key("ArrowDown", {ctrlKey: true}), SIZE, null), {...FRAME, y: 51});
    assert.deepEqual(keyed(FRAME, key("ArrowRight", {shiftKey: true}), SIZE, null), {...FRAME, w: 204});
    assert.deepEqual(keyed(FRAME, key("ArrowUp", {shiftKey: true, altKey: true}), SIZE, null), {...FRAME, h: 99});
    assert.equal(keyed(FRAME, key("a"), SIZE, null), null);
});

test("numbers are typed: the other side follows the proportions, and too much becomes what there is", () => {
    assert.deepEqual(typed(FRAME, {x: 5}, SIZE, 2), {...FRAME, x: 5});
    assert.deepEqual(typed(FRAME, {w: 100}, SIZE, 2), {...FRAME, w: 100, h: 50});
    assert.deepEqual(typed(FRAME, {h: 40}, SIZE, 2), {...FRAME, w: 80, h: 40});
    assert.deepEqual(typed(FRAME, {w: 9999}, SIZE, null), {x: 0, y: 50, w: 400, h: 100});
    assert.deepEqual(typed(FRAME, {w: 9999}, SIZE, 1), {x: 100, y: 0, w: 300, h: 300});
});
