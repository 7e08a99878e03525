import assert from "node:assert/strict";
import {test} from "node:test";
import {carried} from "../../javascript/tt/comparecarry.mjs";
import {columnsOf, setupsOf} from "../../javascript/tt/compared.mjs";
import {fresh} from "../../javascript/tt/compareview.mjs";

const column = (prompt, steps = 20, seed = 1) => ({
    id: `${prompt} ${steps} ${seed}`,
    request: {prompt, negative_prompt: "", seed, steps},
    base: 0,
    rows: [],
});
const answer = (names, weights, columns) => ({
    checkpoints: names.map((name) => ({name})),
    variants: weights.map((weight) => ({weight, blocks: ""})),
    columns,
});
/** What is shown of an answer, of its first setup and seed. */
function shown(found) {
    const setups = setupsOf(found.columns),
        columns = columnsOf(setups[0], 1);
    const variants = [-1, ...found.variants.keys()];
    return {
        found,
        setups,
        columns,
        extent: {checkpoints: [...found.checkpoints.keys()], variants, prompts: columns.length},
    };
}
const before = shown(answer(["a", "b"], [1], [column("cat"), column("dog")]));

test("weight, prompt and both sides stay what they are where their numbers become others", () => {
    const sides = {a: {checkpoint: 0, variant: -1}, b: {checkpoint: 1, variant: 0}};
    const view = {...fresh(), variant: 0, prompt: 1, sides};
    const next = answer(["new", "a", "b"], [0.5, 1], [column("cow", 30), column("bird"), column("cat"), column("dog")]);
    const found = carried(view, before, next);
    assert.equal(found.setup, 1);
    assert.equal(found.variant, 1);
    assert.equal(found.prompt, 2);
    assert.deepEqual(found.sides, {a: {checkpoint: 1, variant: -1}, b: {checkpoint: 2, variant: 1}});
});

test("what is gone is chosen anew", () => {
    const sides = {a: {checkpoint: -1, variant: -1}, b: {checkpoint: 1, variant: 0}};
    const found = carried({...fresh(), variant: 0, prompt: 1, sides}, before, answer(["a"], [0.5], [column("cat")]));
    assert.equal(found.variant, NaN);
    assert.equal(found.prompt, null);
    assert.deepEqual(found.sides, {a: {checkpoint: -1, variant: -1}, b: null});
    assert.equal(carried(fresh(), before, answer([], [], [])).setup, 0);
});

test("the only weight and the only prompt of the first preview were chosen by nobody", () => {
    const first = shown(answer(["a"], [], [column("cat")]));
    const found = carried({...fresh(), variant: -1, prompt: 0}, first, before.found);
    assert.equal(found.variant, NaN);
    assert.equal(found.prompt, null);
});
