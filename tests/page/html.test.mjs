import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};

const {headHtml, tileHtml} = await import("../../javascript/tt/gallery.mjs");
const {leftWords} = await import("../../javascript/tt/outcome.mjs");
const {heldHtml, queueHtml} = await import("../../javascript/tt/queue.mjs");

test("a tile carries caption and name as text, and tells regularisation pictures apart", () => {
    const html = tileHtml({id: 3, stamp: "1-2", name: 'a"b.png', caption: "<b>", repeats: 10, reg: true});
    assert.match(html, /title="&#60;b&#62;"/);
    assert.match(html, /aria-label="a&#34;b.png"/);
    assert.match(html, /×10 reg</);
    assert.ok(!html.includes("<b>"));
});

test("a file that cannot be used shows its name and why", () => {
    const html = tileHtml({id: 3, stamp: "1-2", name: "a.png", repeats: 10, problem: "is <empty>"}, 128);
    assert.match(html, /is &#60;empty&#62;<\/span>/);
    assert.match(html, /<figcaption>a.png</);
    assert.match(html, /tt-bad/);
    assert.ok(!html.includes("<img"));
});

test("a picture that was taken out says so, and one on its way has its place", () => {
    const html = tileHtml({id: 3, stamp: "1-2", name: "a.png", caption: "hat", repeats: 10, left_out: true}, 128);
    assert.match(html, /tt-badge">taken out</);
    assert.match(tileHtml(undefined, 128), /tt-awaited/);
});

test("the head counts pictures, or says what to do where there are none", () => {
    const none = {training: 0, regularisation: 0, unusable: 0, left_out: 0, files: 0};
    const some = {...none, training: 3, regularisation: 2, unusable: 1, files: 6};
    assert.equal(headHtml(some, 6), '3 pictures, 2 for regularisation, <span class="tt-warn">1 cannot be used</span>');
    assert.match(headHtml({...some, left_out: 4}, 2), /, 4 taken out, 2 shown$/);
    assert.match(headHtml(none, 0), /Drop some above/);
    assert.equal(headHtml(null, 0), "");
});

test("the queue names what waits, what ended and why it is held", () => {
    const waiting = [{project: "a<", version: "v1", steps: 90, number: 4}];
    const ended = [{project: "b", version: "v1", phase: "failed", text: "out of memory"}];
    const html = queueHtml({waiting, ended});
    assert.match(html, /a&#60; \/ v1<\/b><span class="tt-fine">90 steps/);
    assert.match(html, /data-number="4"/);
    assert.match(html, /b \/ v1: Failed: out of memory/);
    assert.match(heldHtml({held: "Held <back>"}), /The queue waits: Held &#60;back&#62;/);
    assert.match(queueHtml({waiting: [{...waiting[0], steps: 1}], ended: []}), /1 step</);
    assert.equal(queueHtml({waiting: [], ended: []}), "");
});

test("what the server says is in the language of the page", () => {
    globalThis.getTranslation = (words) => ({"Train Tools: held by {who}": "<{who} 使用中>"})[words];
    const said = {template: "held by {who}", values: {who: "7"}};
    const ended = [{project: "b", version: "v1", phase: "failed", text: "held by 7", text_text: said}];
    const held = {held: "held by 7", held_text: said};
    assert.match(queueHtml({waiting: [], ended}), /b \/ v1: Failed: &#60;7 使用中&#62;/);
    assert.match(heldHtml(held), /The queue waits: &#60;7 使用中&#62;/);
    assert.match(leftWords(held), /: <7 使用中>$/);
    delete globalThis.getTranslation;
});
