import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {fileText} = await import("../../javascript/tt/settings_file.mjs");

test("settings stand under their sections", () => {
    const declared = [
        {name: "rank", section: "network"},
        {name: "seed", section: "training"},
        {name: "alpha", section: "network"},
    ];
    const text = fileText(declared, {rank: 8, seed: 1, alpha: null, stray: 1});
    assert.deepEqual(JSON.parse(text), {network: {rank: 8, alpha: null}, training: {seed: 1}});
});
