import assert from "node:assert/strict";
import {test} from "node:test";

import {stemOf} from "../../javascript/tt/loratarget.mjs";

test("a new file is called after the file or the base model's title, without folders, ending and hash", () => {
    assert.equal(stemOf("lora:sub/mochi.v1.safetensors"), "mochi.v1");
    assert.equal(stemOf("C:\\models\\old.ckpt"), "old");
    assert.equal(stemOf("sd/model.safetensors [6ce0161689]"), "model");
    assert.equal(stemOf("name [with] brackets"), "name [with] brackets");
});
