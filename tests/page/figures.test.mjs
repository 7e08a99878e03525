import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {detailsHtml, figuresHtml, memoryText, notesHtml, spokenPlan} = await import("../../javascript/tt/figures.mjs");
const {baseHtml} = await import("../../javascript/tt/base.mjs");

const GB = 2 ** 30;
const PLAN = {
    pictures: 18,
    regularisation: 0,
    repeats: [10, 10],
    buckets: 5,
    steps_per_epoch: 90,
    epochs: 10,
    steps: 900,
    saves: 10,
    checkpoint_bytes: 18 * 2 ** 20,
    seconds: 420,
    seconds_are: "estimated",
    memory_bytes: 6.9 * GB,
    notes: [],
    advice: [],
};
const words = (html) => html.replace(/<\/p>/g, "|").replace(/<[^>]*>/g, "");

test("a plan is read as two short lines", () => {
    const [main, parts] = words(figuresHtml(PLAN, 8 * GB)).split("|");
    assert.equal(main, "900 steps~7 min estimated6.9 / 8.0 GB memory");
    assert.equal(parts, "18 pictures × 10 repeats, 5 buckets, 90 steps an epoch, 10 epochs, 10 saves of 18 MB");
});

test("a measured time is not called an estimate, and an unknown one says when it will be known", () => {
    assert.ok(!words(figuresHtml({...PLAN, seconds_are: "measured"}, null)).includes("estimated"));
    const html = figuresHtml({...PLAN, seconds: null, seconds_are: ""}, null);
    assert.match(html, /Time: known after the first run of this kind/);
    assert.ok(!html.includes("~"));
});

test("one of a kind is one, repeats may differ, and none is left out", () => {
    const one = {...PLAN, pictures: 1, repeats: [1, 1], buckets: 1, epochs: 1, saves: 1, regularisation: 4};
    assert.match(
        words(figuresHtml(one, null)),
        /\|1 picture, 4 for regularisation, 1 bucket, .*, 1 epoch, 1 save of 18 MB/,
    );
    assert.match(words(figuresHtml({...PLAN, repeats: [2, 10]}, null)), /18 pictures × 2–10 repeats/);
    assert.match(words(figuresHtml({...PLAN, steps: 30000}, null)), /^30,000 steps/);
});

test("memory that does not suffice is warned of", () => {
    assert.ok(!figuresHtml(PLAN, 8 * GB).includes("tt-warn"));
    assert.match(figuresHtml({...PLAN, memory_bytes: 9 * GB}, 8 * GB), /tt-warn/);
    assert.equal(memoryText(676 * 2 ** 20, 8 * GB), "676 MB / 8.0 GB");
    assert.equal(memoryText(6.9 * GB, null), "6.9 GB");
});

test("advice comes first with a button, notes after it, each once and as text", () => {
    const advice = [{code: "many_steps", text: "too <many>", changes: {max_train_epochs: 1}}];
    const html = notesHtml({notes: ["a note", "too <many>"], advice});
    assert.equal(words(html), "too &#60;many&#62;usea note");
    assert.match(html, /data-advice="0"/);
    assert.equal(notesHtml(PLAN), "");
});

test("settings that a sentence names are links with the form's names, and only those", async () => {
    const {state} = await import("../../javascript/tt/state.mjs");
    const {linked} = await import("../../javascript/tt/messages.mjs");
    state.declared = [
        {name: "network_dim", label: "Rank"},
        {name: "resolution", label: ""},
    ];
    const html = linked("network_dim above <other_name>; resolution = 64,64: a resolution");
    assert.equal(words(html), "Rank above &#60;other_name&#62;; Resolution = 64,64: a resolution");
    assert.match(html, /data-act="goto" data-setting="network_dim" title="network_dim">Rank</);
    state.declared = [];
});

test("details are what the command line prints", () => {
    assert.match(detailsHtml({text: "steps  <900>"}), /<pre>steps {2}&#60;900&#62;<\/pre>/);
});

test("who hears the page hears steps, time and problems", () => {
    assert.equal(spokenPlan(PLAN, 0), "900 steps, 7 min");
    assert.equal(spokenPlan({...PLAN, seconds: null}, 2), "900 steps, 2 problems");
    assert.equal(spokenPlan({error: {}}, 1), "1 problem");
});

test("the base model is that of the plan, else what the settings name, else what is loaded", () => {
    const host = {problem: null, base_model: "loaded.safetensors"};
    const plan = {base_model: "a<b>.safetensors", family: "sdxl", side: 1024};
    assert.equal(words(baseHtml(host, plan, "")), "Base: a&#60;b&#62;.safetensors SDXL, 1024 px");
    assert.equal(words(baseHtml(host, null, "models/own.safetensors")), "Base: own.safetensors");
    assert.equal(words(baseHtml(host, null, "")), "Base: loaded.safetensors");
    assert.match(baseHtml({...host, problem: "no <model>"}, plan, ""), /tt-warn">no &#60;model&#62;/);
    globalThis.gradioApp = () => null;
    assert.equal(words(baseHtml(host, null, "")), "Base: loaded.safetensors loaded");
    assert.equal(words(baseHtml(host, plan, "")), "Base: a&#60;b&#62;.safetensors SDXL, 1024 px");
    delete globalThis.gradioApp;
});

test("the worst finding is one line that leads to its pictures", () => {
    const doctor = {text: "pictures that are <small>: 3", severity: "warning", filter: "problem:small", more: 2};
    const html = notesHtml({...PLAN, doctor});
    assert.match(html, /data-worst="problem:small"/);
    assert.equal(words(html), "pictures that are &#60;small&#62;: 3 and 2 more findings");
    assert.ok(!notesHtml({...PLAN, doctor: {...doctor, more: 0}}).includes("more"));
});
