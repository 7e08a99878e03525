import assert from "node:assert/strict";
import {test} from "node:test";

import {clock, following, nameOf, pace, size, span, text} from "../../javascript/tt/formats.mjs";
import {fill} from "../../javascript/tt/words.mjs";

test("size is in gigabytes from one on, with a decimal where it tells something", () => {
    assert.equal(size(6.9 * 2 ** 30), "6.9 GB");
    assert.equal(size(18 * 2 ** 20), "18 MB");
    assert.equal(size(1.5 * 2 ** 20), "1.5 MB");
    assert.equal(size(2 ** 30 - 1), "1024 MB");
});

test("span is at least a second, and rounds to minutes", () => {
    assert.deepEqual([0.2, 59.4, 59.6, 3599, 4020].map(span), ["1 s", "59 s", "1 min", "1 h 0 min", "1 h 7 min"]);
});

test("clock has two digits of seconds, and of minutes below hours", () => {
    assert.deepEqual([0, 9.9, 232, 3832].map(clock), ["0:00", "0:09", "3:52", "1:03:52"]);
});

test("pace turns over where a step takes longer than a second", () => {
    assert.deepEqual([2.104, 1, 0.25].map(pace), ["2.10 it/s", "1.00 it/s", "4.00 s/it"]);
});

test("text cannot leave its place in HTML", () => {
    assert.equal(text(`<a href="x">'&'</a>`), "&#60;a href=&#34;x&#34;&#62;&#39;&#38;&#39;&#60;/a&#62;");
    assert.equal(text(null), "null");
});

test("name is the last part of a path of any system", () => {
    assert.deepEqual(["/a/b.png", "C:\\a\\b.png", "b.png"].map(nameOf), ["b.png", "b.png", "b.png"]);
});

test("following name counts on, or begins with two", () => {
    assert.deepEqual(["v0", "v9", "base", "a 2"].map(following), ["v1", "v10", "base 2", "a 3"]);
});

test("fill puts each value into the next place, and takes nothing in it for a pattern", () => {
    assert.equal(fill("{} of {}, {}", 1, "$&", "{}"), "1 of $&, {}");
});
