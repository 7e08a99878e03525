import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {memoryOf} = await import("../../javascript/tt/starts.mjs");
const {textOf} = await import("../../javascript/tt/settings_import.mjs");

test("a card has the largest amount that surely fits", () => {
    const gb = 2 ** 30;
    assert.deepEqual([null, 6 * gb, 7.99 * gb, 11.6 * gb, 16 * gb, 23.5 * gb, 80 * gb].map(memoryOf), [8, 8, 8, 12, 12, 24, 24]); // prettier-ignore
});

test("a settings file is read in whichever Unicode it begins as", async () => {
    const file = (...bytes) => ({arrayBuffer: async () => new Uint8Array(bytes).buffer});
    assert.equal(await textOf(file(0x7b, 0x7d)), "{}");
    assert.equal(await textOf(file(0xff, 0xfe, 0x7b, 0, 0x7d, 0)), "{}");
    assert.equal(await textOf(file(0xfe, 0xff, 0, 0x7b, 0, 0x7d)), "{}");
    assert.equal(await textOf(file(0xef, 0xbb, 0xbf, 0x7b, 0x7d)), "{}");
});
