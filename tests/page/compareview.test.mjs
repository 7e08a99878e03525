import assert from "node:assert/strict";
import {test} from "node:test";
import {pathOfCurve} from "../../javascript/tt/comparecurve.mjs";
import {
    fitted,
    fresh,
    isTaken,
    keyed,
    movedTo,
    panned,
    toggled,
    wiping,
    zoomed,
} from "../../javascript/tt/compareview.mjs";
import {shiftFor, windowAt} from "../../javascript/tt/film.mjs";

const extent = {checkpoints: [4, 5, 6], variants: [-1, 0, 2], prompts: 3};
const view = fitted(fresh(), extent);

test("a view begins at the newest checkpoint, with the largest weight and all prompts", () => {
    assert.equal(view.at, 2);
    assert.equal(view.variant, 2);
    assert.equal(view.prompt, null);
    assert.equal(fitted(fresh(), {...extent, prompts: 1}).prompt, 0);
    assert.equal(fitted(fresh(), {checkpoints: [], variants: [], prompts: 0}).at, 0);
});

test("keys lead to other weights, prompts and places, and stay inside", () => {
    assert.equal(keyed(view, "ArrowUp", extent, 1).variant, 2);
    assert.equal(keyed(view, "ArrowDown", extent, 1).variant, 0);
    assert.equal(keyed({...view, variant: 0}, "ArrowDown", extent, 1).variant, -1);
    assert.equal(keyed(view, "Home", extent, 1).at, 0);
    assert.equal(keyed(view, "2", extent, 1).prompt, 1);
    assert.equal(keyed({...view, prompt: 1}, "2", extent, 1).prompt, null);
    assert.equal(keyed({...view, prompt: 1}, "0", extent, 1).prompt, null);
    assert.equal(keyed(view, "4", extent, 1), null);
    assert.equal(keyed(view, "q", extent, 1), null);
});

test("a wipe begins between the base model and what is in sight, and its side follows slider and weight", () => {
    const wiped = keyed(view, "w", extent, 1);
    assert.deepEqual(wiped.sides, {a: {checkpoint: -1, variant: 2}, b: {checkpoint: 6, variant: 2}});
    const moved = movedTo(wiped, extent, 0);
    assert.deepEqual(moved.sides.b, {checkpoint: 4, variant: 2});
    const other = keyed(moved, "A", extent, 1);
    assert.deepEqual(other.sides.a, {checkpoint: 4, variant: 2});
    assert.deepEqual(keyed(other, "ArrowDown", extent, 1).sides.a, {checkpoint: 4, variant: 0});
    assert.deepEqual(keyed(other, "ArrowDown", extent, 1).sides.b, {checkpoint: 4, variant: 2});
    assert.equal(keyed(other, "w", extent, 1).wipes, false);
    assert.deepEqual(wiping(view, {...extent, variants: [0, 2]}, true).sides.a, {checkpoint: 4, variant: 2});
});

test("zooming keeps the place under the pointer, and the picture fills its frame", () => {
    const near = zoomed(view, 4, 0.25, 0.5);
    assert.deepEqual([near.zoom, near.x, near.y], [4, -0.75, -1.5]);
    const place = (0.25 - near.x) / near.zoom;
    const nearer = zoomed(near, 8, 0.25, 0.5);
    assert.ok(Math.abs((0.25 - nearer.x) / nearer.zoom - place) < 1e-12);
    assert.deepEqual([zoomed(nearer, 0.1).zoom, zoomed(nearer, 0.1).x], [1, 0]);
    assert.deepEqual([panned(near, 5, -9).x, panned(near, 5, -9).y], [0, -3]);
    assert.equal(zoomed(view, 1e9).zoom, 40);
});

test("Z shows the picture's own pixels, twice as large at least, and back", () => {
    assert.equal(toggled(view, 5).zoom, 5);
    assert.equal(toggled(view, 0.4).zoom, 2);
    assert.equal(toggled(toggled(view, 5), 5).zoom, 1);
    assert.equal(keyed(keyed(view, "z", extent, 3), "Escape", extent, 3).zoom, 1);
});

test("no key is taken from somebody who types", () => {
    const on = (tagName, type = "", role = null) => ({tagName, type, getAttribute: () => role});
    assert.ok(isTaken(on("TEXTAREA"), "s"));
    assert.ok(isTaken(on("INPUT", "text"), "s"));
    assert.ok(isTaken(on("SELECT"), "ArrowDown"));
    assert.ok(isTaken({...on("DIV"), isContentEditable: true}, "s"));
    assert.ok(isTaken(on("DIV", "", "slider"), "ArrowLeft"));
    assert.ok(!isTaken(on("DIV", "", "slider"), "s"));
    assert.ok(isTaken(on("BUTTON", "", "tab"), "ArrowLeft"));
    assert.ok(!isTaken(on("INPUT", "range"), "ArrowLeft"));
    assert.ok(!isTaken(on("BUTTON"), "s"));
});

test("a strip is shifted no further than it is long, and only what is in sight is on the page", () => {
    assert.equal(shiftFor(0, 200, 100, 1000), 0);
    assert.equal(shiftFor(100, 200, 100, 1000), 9550);
    assert.equal(shiftFor(199, 200, 100, 1000), 19000);
    assert.equal(shiftFor(3, 4, 100, 1000), 0);
    assert.deepEqual(windowAt(0, 200, 100, 1000), [0, 14]);
    assert.deepEqual(windowAt(9550, 200, 100, 1000), [92, 109]);
    assert.deepEqual(windowAt(19000, 200, 100, 1000), [187, 200]);
});

test("a curve goes from the left edge to the right one, high losses above", () => {
    const {path, low, high} = pathOfCurve([[10, 1], [20, 0.5], [30, 0.25]]); // prettier-ignore
    assert.ok(0.25 < low && low < 0.6 && 1 <= high && high < 1.1);
    assert.match(path, /^M0\.0 [\d.]+L500\.0 [\d.]+L1000\.0 [\d.]+$/);
    const heights = [...path.matchAll(/ ([\d.]+)/g)].map((found) => Number(found[1]));
    assert.ok(heights[0] < heights[1] && heights[1] < heights[2]);
});
