import assert from "node:assert/strict";
import {test} from "node:test";

const {choicesOf, exampleOf, firstText, has, matching, planText, sharedWrong, sweepable, tableHtml, toggled} =
    await import("../../javascript/tt/axes.mjs");

const setting = (more = {}) => ({name: "unet_lr", label: "", kind: "float", separator: ",", choices: [], ...more});
const OPTIMIZER = setting({name: "optimizer_type", kind: "str", choices: ["AdamW", "Lion"]});
const SIZE = setting({name: "resolution", kind: "list", item: "int"});

test("what runs are compared by is offered nowhere", () => {
    const names = ["unet_lr", "preview_seeds", "validation_split", "max_validation_steps", "training_comment", "seed"];
    assert.deepEqual(
        sweepable(names.map((name) => setting({name}))).map(({name}) => name),
        ["unet_lr", "seed"],
    );
});

test("a choice that is pressed comes into the text, and goes out again", () => {
    assert.equal(toggled(OPTIMIZER, "AdamW", "Lion"), "AdamW, Lion");
    assert.equal(toggled(OPTIMIZER, "AdamW,Lion", "AdamW"), "Lion");
    assert.equal(toggled(OPTIMIZER, "", "Lion"), "Lion");
    assert.equal(toggled(setting({kind: "list", choices: ["a"]}), "b, c", "a"), "b, c | a");
    assert.ok(has(OPTIMIZER, "AdamW, Lion", "Lion"));
    assert.ok(!has(OPTIMIZER, "AdamW, Lion8bit", "Lion"));
    assert.ok(has(SIZE, "512, 768 | 512", "512, 768"));
});

test("the value of now comes first, and an example shows how others are written", () => {
    assert.equal(firstText(setting(), 0.0001), "1e-4");
    assert.equal(firstText(SIZE, [512, 768]), "512, 768");
    assert.equal(firstText(setting({kind: "bool"}), false), "false");
    assert.equal(exampleOf(OPTIMIZER), "AdamW, Lion");
    assert.deepEqual(choicesOf(setting({kind: "bool"})), ["true", "false"]);
    assert.match(exampleOf(setting({kind: "int"})), /1-9 \(\+2\)/);
    assert.match(exampleOf(SIZE), /\|/);
});

test("a setting that is called so comes before one whose help has the words", () => {
    const all = [setting({name: "dora_wd", help: "seed"}), setting({name: "seed", help: ""})];
    const hasWords = (one, words) => words.every((word) => `${one.name} ${one.help}`.includes(word));
    assert.deepEqual(
        matching(all, "Seed", hasWords).map(({name}) => name),
        ["seed", "dora_wd"],
    );
    assert.deepEqual(matching(all, " ", hasWords), []);
});

const PLAN = {
    axes: ["unet_lr"],
    steps: 2400,
    seconds: 180,
    pictures: 9,
    runs: [
        {values: {unet_lr: "1e-4"}, steps: 1200, seconds: 90, problems: [], error: ""},
        {
            values: {unet_lr: "<b>"},
            steps: null,
            seconds: null,
            problems: [{setting: "unet_lr", remedy: "no"}],
            error: "",
        },
    ],
};

test("the table has a row for each run, with what is wrong in the place of steps and time", () => {
    const html = tableHtml(PLAN, [setting({label: "U-Net rate"})]);
    assert.match(html, /<th scope="col">U-Net rate<\/th>/);
    assert.match(html, /<td translate="no">1e-4<\/td><td>1200<\/td><td>~2 min<\/td>/);
    assert.match(html, /&#60;b&#62;<\/td><td class="tt-warn" colspan="2">unet_lr: no<\/td>/);
    assert.equal(planText(PLAN), "2 runs, 2,400 steps, ~3 min, a report of 9 pictures");
    assert.equal(sharedWrong(PLAN), "");
    assert.equal(sharedWrong({runs: [PLAN.runs[1], PLAN.runs[1]]}), "unet_lr: no");
    assert.equal(planText({...PLAN, seconds: null}), "2 runs, 2,400 steps, a report of 9 pictures");
});
