import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {madeText, plainValues} = await import("../../javascript/tt/alike.mjs");

const MADE = {
    made_at: 1.7e9,
    prompt: "mochi,\nlarge <lora:mochi-v1:0.8>",
    negative_prompt: "blue",
    sampler: "DPM++ 2M Karras",
    steps: 20,
    cfg_scale: 5.5,
    width: 512,
    height: 768,
    styles: ["x", "y"],
    hires: 1.5,
};

test("what txt2img last made tells sampler, size, hires fix and styles", () => {
    const says = madeText(MADE);
    assert.match(says, /^txt2img last made a picture at \d+:\d+/);
    assert.ok(says.endsWith("DPM++ 2M Karras, 20 steps, CFG 5.5, 512 x 768, hires fix 1.5x, styles: x, y"), says);
});

test("without hires fix and styles nothing is said of them", () => {
    assert.ok(madeText({...MADE, hires: 0, styles: []}).endsWith(", 512 x 768"));
});

test("plain values are a prompt in one line without LoRAs, and what the settings of previews are", () => {
    assert.deepEqual(plainValues(MADE), {
        preview_prompts: "mochi, large",
        preview_negative_prompt: "blue",
        preview_sampler: ["DPM++ 2M Karras"],
        preview_steps: "20",
        preview_cfg_scale: "5.5",
        preview_width: "512",
        preview_height: "768",
    });
});
