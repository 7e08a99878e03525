import assert from "node:assert/strict";
import {test} from "node:test";

const {canvasSize, draw, drawAll, learnedShare, Painting, veiled} = await import("../../javascript/tt/painting.mjs");

const SIZE = {width: 40, height: 30},
    FIRST = {kind: "fill", learned: false};

/** A canvas that writes down what is done to it. */
function canvas() {
    const told = [],
        context = {globalCompositeOperation: "source-over"};
    for (const name of ["fillRect", "clearRect", "beginPath", "moveTo", "lineTo", "stroke", "drawImage"])
        context[name] = (...values) => told.push([name, context.globalCompositeOperation, ...values]);
    return {context, told};
}

test("a canvas has the picture's proportions, and of large ones no more pixels than can be painted at ease", () => {
    assert.deepEqual(canvasSize(SIZE), SIZE);
    assert.deepEqual(canvasSize({width: 4096, height: 4096}), {width: 2048, height: 2048});
    for (const [width, height] of [
        [12000, 97],
        [5000, 3333],
        [9, 16000],
    ]) {
        const found = canvasSize({width, height});
        assert.ok(Math.abs((found.width * height) / (found.height * width) - 1) < 0.02);
    }
});

test("steps are taken back and done again, and one that comes between ends what could be done again", () => {
    const painting = new Painting([FIRST]),
        [one, two] = [{kind: "invert"}, {kind: "fill", learned: true}];
    assert.equal(painting.undo(), false);
    painting.add(one);
    painting.add(two);
    assert.ok(painting.undo() && painting.undo() && !painting.undo());
    assert.deepEqual(painting.steps, [FIRST]);
    assert.ok(painting.redo());
    assert.deepEqual(painting.steps, [FIRST, one]);
    painting.add(one);
    assert.equal(painting.redo(), false);
});

test("a painting is changed until it is kept, and again when a step is taken back", () => {
    const painting = new Painting([FIRST]);
    assert.ok(!painting.changed);
    painting.add({kind: "invert"});
    assert.ok(painting.changed);
    painting.kept = painting.last;
    assert.ok(!painting.changed);
    painting.undo();
    assert.ok(painting.changed);
});

test("what is learned takes the veil away, and what is left out lays it on", () => {
    const {context, told} = canvas();
    draw(context, {kind: "stroke", points: [[1, 2]], size: 5, learned: true}, SIZE);
    assert.deepEqual(told[told.length - 1], ["stroke", "destination-out"]);
    assert.equal(context.lineWidth, 5);
    draw(context, {kind: "box", from: [9, 8], to: [3, 4], learned: false}, SIZE);
    assert.deepEqual(told[told.length - 1], ["fillRect", "source-over", 3, 4, 6, 4]);
    draw(context, {kind: "invert"}, SIZE);
    assert.deepEqual(told[told.length - 1], ["fillRect", "source-out", 0, 0, 40, 30]);
    draw(context, {kind: "image", image: "mask"}, SIZE);
    assert.deepEqual(told.slice(-2).map(([name]) => name), ["clearRect", "drawImage"]); // prettier-ignore
    assert.equal(context.globalCompositeOperation, "source-over");
});

test("all is drawn anew from nothing", () => {
    const {context, told} = canvas();
    drawAll(context, [FIRST, {kind: "fill", learned: true}], SIZE);
    assert.deepEqual(told.map(([name, how]) => `${name} ${how}`), ["clearRect source-over", "fillRect source-over", "fillRect destination-out"]); // prettier-ignore
});

test("a mask's white is without a veil, its black and what is transparent are veiled, and grey is between", () => {
    const pixels = new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 0, 100, 100, 100, 255]);
    veiled(pixels);
    assert.deepEqual([3, 7, 11, 15].map((at) => pixels[at]), [0, 255, 255, 155]); // prettier-ignore
    assert.equal(learnedShare(new Uint8ClampedArray([0, 0, 0, 255, 0, 0, 0, 0])), 0.5);
    assert.equal(learnedShare(new Uint8ClampedArray([0, 0, 0, 255])), 0);
});
