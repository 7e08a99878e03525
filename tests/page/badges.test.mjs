import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener() {}, querySelector: () => null};
const {signHtml, wrongText} = await import("../../javascript/tt/badges.mjs");

const blurred = {code: "blurred", severity: "warning", detail: "sharpness 3"},
    rare = {code: "rare_tag", severity: "note", detail: ""};

test("a sign says all that is wrong, and its colour how bad the worst of it is", () => {
    assert.equal(wrongText([blurred, rare]), "blurred (sharpness 3); a tag that no other picture has");
    assert.match(signHtml([blurred, rare]), /data-severity="warning".*aria-label="blurred/);
    assert.match(signHtml([{...blurred, severity: "error", detail: '"<'}]), /data-severity="error".*&#34;&#60;/);
});

test("what is only good to know has no sign of its own", () => {
    assert.equal(signHtml([rare]), "");
    assert.equal(signHtml([]), "");
});
