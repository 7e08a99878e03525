import assert from "node:assert/strict";
import {test} from "node:test";
import {completed, writtenAt} from "../../javascript/tt/written.mjs";

/** What stands in a text with a caret, |. */
function at(marked, separator = ",") {
    const caret = marked.indexOf("|"),
        text = marked.replace("|", "");
    return {text, written: writtenAt(text, caret, separator)};
}

test("the tag around the caret ends at separators and lines", () => {
    const word = (marked, separator) => at(marked, separator).written.word;
    assert.equal(word("mochi, blu|"), "blu");
    assert.equal(word("mo|chi, blue"), "mo");
    assert.equal(word("mochi,blue ey|es, hat"), "blue ey");
    assert.equal(word("mochi\nhat|"), "hat");
    assert.equal(word("a, b; c|", ";"), "c");
    assert.equal(word("|"), "");
    assert.equal(word("a, |"), "");
    assert.equal(word(",|"), "");
});

test("a tag replaces all that was written of it, and the next one can be typed", () => {
    const done = (marked, tag) => {
        const {text, written} = at(marked),
            now = completed(text, written, tag, ",");
        return `${now.text.slice(0, now.caret)}|${now.text.slice(now.caret)}`;
    };
    assert.equal(done("mochi, blu|", "blue eyes"), "mochi, blue eyes, |");
    assert.equal(done("mochi, bl|xx, hat", "blue eyes"), "mochi, blue eyes|, hat");
    assert.equal(done("bl|\nnotes", "blue"), "blue|\nnotes");
});
