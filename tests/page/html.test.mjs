import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = globalThis.window = {addEventListener: () => {}};

const {headHtml, tileHtml} = await import("../../javascript/tt/gallery.mjs");
const {leftWords} = await import("../../javascript/tt/outcome.mjs");
const {emptyHtml, heldHtml, pastHtml, waitingHtml} = await import("../../javascript/tt/queue.mjs");

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
    const html = waitingHtml(waiting[0], 0, waiting);
    assert.match(html, /a&#60; \/ v1<\/span><\/b><span class="tt-fine">90 steps/);
    assert.match(html, /data-number="4"/);
    assert.match(pastHtml({ended}), /b \/ v1: Failed: out of memory/);
    assert.match(heldHtml({held: "Held <back>"}), /The queue waits: Held &#60;back&#62;/);
    assert.match(waitingHtml({...waiting[0], steps: 1}, 0, waiting), /1 step</);
    assert.equal(pastHtml({ended: []}), "");
    assert.match(emptyHtml(), /waits here for its turn/);
});

test("a job that waits says what it does, what it is called, and goes up and down where there is room", () => {
    const job = {project: "a", version: "v1", kind: "preview", name: "<all>", number: 4, note: "x", again: true};
    const buttons = (/** @type {string} */ html) =>
        [...html.matchAll(/data-act="(\w+)"/g)].map(([, act]) => act).join(" ");
    const [first, middle, last] = [0, 1, 2].map((at) => waitingHtml(job, at, [job, job, job]));
    assert.match(
        first,
        />a \/ v1<\/span>, Previews, <span translate="no">&#60;all&#62;<\/span><\/b><span class="tt-fine">begun before</,
    );
    assert.deepEqual([first, middle, last].map(buttons), ["down unqueue", "up down unqueue", "up unqueue"]);
    assert.match(first, /aria-label="Move a \/ v1, Previews, &#60;all&#62; down"/);
});

test("what failed or was stopped can be retried, and what another program does is told", () => {
    const of = (/** @type {string} */ phase) =>
        pastHtml({ended: [{project: "a", version: "v1", phase, text: "", number: 7}]});
    assert.match(of("failed"), /data-act="retry" data-number="7"/);
    assert.match(of("stopped"), /data-act="retry"/);
    assert.doesNotMatch(of("finished"), /retry/);
    const running = {project: "a", version: "v1"};
    assert.match(pastHtml({running, elsewhere: "process 7"}), /a \/ v1: process 7/);
    assert.doesNotMatch(pastHtml({running, elsewhere: ""}), /a \/ v1/);
    assert.match(pastHtml({trouble: "queue.json: <odd>"}), /tt-warn">queue.json: &#60;odd&#62;/);
});

test("what the server says is in the language of the page", () => {
    globalThis.getTranslation = (words) => ({"Train Tools: held by {who}": "<{who} 使用中>"})[words];
    const said = {template: "held by {who}", values: {who: "7"}};
    const ended = [{project: "b", version: "v1", phase: "failed", text: "held by 7", text_text: said}];
    const held = {held: "held by 7", held_text: said};
    assert.match(pastHtml({ended}), /b \/ v1: Failed: &#60;7 使用中&#62;/);
    assert.match(heldHtml(held), /The queue waits: &#60;7 使用中&#62;/);
    assert.match(leftWords(held), /: <7 使用中>$/);
    delete globalThis.getTranslation;
});
