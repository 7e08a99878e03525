import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {listHtml} = await import("../../javascript/tt/findings.mjs");
const {sumText, wellText} = await import("../../javascript/tt/verdict.mjs");
const {isMended} = await import("../../javascript/tt/remedies.mjs");
const {headText, tagsHtml} = await import("../../javascript/tt/tags.mjs");
const {asTerm, has, toggled, withTerm, withoutTerm} = await import("../../javascript/tt/terms.mjs");

const finding = (code, severity = "warning", remedies = [], more = {}) => ({
    code,
    severity,
    remedies,
    text: `${code} <b>`,
    filter: `problem:${code}`,
    ...more,
});

test("a finding shows its pictures by a click, and offers what helps here", () => {
    const html = listHtml([finding("small", "error", ["enlarge", "take_out"])], "problem:small", false);
    assert.match(html, /data-severity="error"/);
    assert.match(html, /aria-label="Error"/);
    assert.match(html, /data-find="problem:small" aria-pressed="true"[^>]*>small &#60;b&#62;</);
    assert.match(html, /data-code="small" data-remedy="take_out">Take them out</);
    assert.match(html, /data-remedy="enlarge">Enlarge them</);
    assert.ok(!listHtml([finding("a", "error", ["pray"])], "", false).includes("pray"));
    assert.ok(!html.includes("data-all"));
});

test("a finding that concerns no picture is no button, and one of doubles keeps the sharpest", () => {
    assert.ok(!listHtml([finding("class_empty", "warning", [], {filter: ""})], "", false).includes("<button"));
    assert.match(listHtml([finding("duplicate", "warning", ["take_out"])], "", false), />Keep the sharpest of each</);
});

test("the worst are shown, and the others when somebody wants them", () => {
    const many = Array.from({length: 8}, (_, place) => finding(`f${place}`));
    const [few, all] = [false, true].map((wanted) => listHtml(many, "", wanted));
    assert.deepEqual([few.match(/tt-show/g).length, all.match(/tt-show/g).length], [5, 8]);
    assert.match(few, /data-all="true">Show 3 more</);
    assert.match(all, /data-all="false">/);
});

test("findings are counted by kind, and no finding is said too", () => {
    const findings = [finding("a", "error"), finding("b"), finding("c"), finding("d", "note")];
    assert.equal(sumText(findings), "1 error, 2 warnings, 1 note");
    assert.equal(sumText([]), "");
    assert.match(wellText({findings: [], files: 9, measured: 9}), /Nothing is wrong with these pictures: 9$/);
    assert.match(
        wellText({findings: [], files: 9, measured: 9, left_out: 2}),
        /Nothing is wrong with these pictures: 7$/,
    );
    assert.equal(wellText({findings: [], files: 2, measured: 2, left_out: 2}), "");
    assert.equal(wellText({findings, files: 9, measured: 9}), "");
    assert.equal(wellText({findings: [], files: 9, measured: 4}), "");
});

test("a tag stands in a filter as it is, or in quotes where it would be read as something else", () => {
    for (const [tag, term] of [
        ["hat", "hat"],
        ["blue_eyes", "blue_eyes"],
        ["笑顔", "笑顔"],
        ["blue eyes", '"blue eyes"'],
        ["or", '"or"'],
        ["-hat", '"-hat"'],
        ["saber (fate)", '"saber (fate)"'],
        ["re:zero", '"re:zero"'],
        ["star*", '"star*"'],
        ['say "hi" \\o/', '"say \\"hi\\" \\\\o/"'],
    ])
        assert.equal(asTerm(tag), term);
});

test("a tag goes into a filter and out of it", () => {
    assert.equal(withTerm("", "hat"), "hat");
    assert.equal(withTerm("smile -hat", '"blue eyes"'), 'smile -hat "blue eyes"');
    assert.equal(withTerm("cat or dog", "hat"), "(cat or dog) hat");
    assert.equal(withTerm("hat", "hat"), "hat");
    assert.equal(withoutTerm('smile "blue eyes" hat', '"blue eyes"'), "smile hat");
    assert.equal(toggled(toggled("smile", "hat"), "hat"), "smile");
    assert.ok(has('a "blue eyes"', '"blue eyes"') && !has('"blue eyes"', "eyes") && !has("-hat", "hat"));
});

test("tags carry their names as text, and tell which are filtered by and which no run uses", () => {
    const html = tagsHtml([{tag: '<i>"', pictures: 3, used: false}, {tag: "hat", pictures: 1, used: true}], "hat"); // prettier-ignore
    assert.ok(!html.includes("<i>"));
    assert.match(html, /data-tag="&#60;i&#62;&#34;"[^>]*aria-pressed="false"/);
    assert.match(html, /data-tag="hat"[^>]*aria-pressed="true"/);
    assert.equal(html.match(/tt-unused-tag/g).length, 1);
});

test("the head of the tags says of which pictures they are", () => {
    const found = {total: 18, once: 1, pictures: 20};
    assert.equal(headText(found, ""), "18, in all pictures: 20, in one picture alone: 1");
    assert.equal(headText({...found, once: 0}, "hat"), "18, in the pictures that are shown: 20");
});

test("pictures of a finding are no longer asked for when it is mended, and only then", () => {
    const said = (...codes) => ({findings: codes.map((code) => finding(code)), measured: 3, files: 3});
    assert.ok(isMended(said("small", "blurred"), said("blurred"), "problem:small"));
    assert.ok(!isMended(said("small"), said("small"), "problem:small"));
    assert.ok(!isMended(said("small"), said(), "hat"));
    assert.ok(!isMended(null, said(), "problem:small"));
    assert.ok(!isMended(said("small"), {...said(), measured: 2}, "problem:small"));
    assert.ok(!isMended(said("small"), {error: {}}, "problem:small"));
});
