import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};
globalThis.window = {addEventListener: () => {}};

const {leftWords, nextHtml, outcomeHtml, outcomeOf} = await import("../../javascript/tt/outcome.mjs");

const RUN = {name: "r001", held: "", resumable: true, step: 30, state_step: 20, finished: false, error: ""};
const SAVED = [{previews: []}],
    DRAWN = [{previews: ["a.png"]}];

/** What is said of a job of the chosen version. */
const said = (job, {run = RUN, checkpoints = SAVED, ours = true, busy = false} = {}) =>
    outcomeOf(
        {busy, folder: "mochi/versions/v1", runs: run ? [run] : [], job: {kind: "train", ...job}},
        ours,
        checkpoints,
    );

test("what is left of a run depends on its newest state", () => {
    assert.match(leftWords(RUN), /after step 20\. The log goes to step 30: 10 steps are lost/);
    assert.match(leftWords({...RUN, step: 20}), /Everything up to here is saved/);
    assert.match(leftWords({...RUN, resumable: false}), /Press Train to start it anew/);
    assert.match(leftWords({...RUN, held: "process 7"}), /Another process trains it: process 7/);
});

test("nothing is said while a job of ours goes on, or where the newest run is finished", () => {
    assert.equal(said({phase: "training"}, {busy: true}), null);
    assert.equal(said({phase: "idle"}, {run: {...RUN, finished: true}}), null);
    assert.equal(said({phase: "idle"}, {run: null}), null);
});

test("a pause says where it stands", () => {
    assert.deepEqual(said({phase: "paused", step: 7}, {busy: true}).title, "Paused after step 7");
});

test("a finished run leads to its pictures, or first to making some", () => {
    const job = {phase: "finished", outcome: "3 checkpoints in mochi/versions/v1/checkpoints"};
    const drawn = said(job, {checkpoints: DRAWN});
    assert.equal(drawn.title, "Finished: 3 checkpoints in mochi/versions/v1/checkpoints");
    assert.match(drawn.lines[0], /^Look at the pictures below/);
    assert.deepEqual(drawn.acts, ["preview-all", "install-newest"]);
    assert.match(said(job).lines[0], /^Preview all shows/);
});

test("a stopped run says what Resume has, and where its files lie", () => {
    const {title, lines, acts} = said(
        {phase: "stopped", step: 20, outcome: "r001 is saved"},
        {run: {...RUN, step: 20}},
    );
    assert.equal(title, "Stopped: r001 is saved");
    assert.deepEqual(lines, ["Everything up to here is saved.", "Checkpoints lie in mochi/versions/v1/checkpoints."]);
    assert.deepEqual(acts, ["preview-all", "install-newest"]);
});

test("a failed run is named with its step; one that never began is none", () => {
    const failed = {phase: "failed", error: {code: "out_of_memory", ours: false}};
    assert.equal(said({...failed, step: 30}).title, "r001 failed at step 30");
    assert.match(said({...failed, step: 30}).lines[0], /^Resume goes on after step 20/);
    const diverged = {...failed, step: 30, error: {code: "diverged", ours: false}};
    assert.match(said(diverged).lines[0], /Resume would go on with the same settings/);
    assert.match(said(diverged, {run: {...RUN, resumable: false}}).lines[0], /^Nothing of it was saved yet/);
    const never = said({...failed, step: null}, {checkpoints: []});
    assert.equal(never.title, "It did not begin.");
    assert.deepEqual(never.lines, ["What was saved before is kept."]);
    assert.deepEqual(never.acts, []);
});

test("a fault of ours says where its details lie", () => {
    const {lines} = said({phase: "failed", step: 30, error: {code: "fault", ours: true}});
    assert.match(lines[0], /stands in mochi\/versions\/v1\/runs\/r001\/error\.txt\.$/);
});

test("a job that made pictures says nothing of a training", () => {
    const job = {kind: "preview", outcome: "1 sheet in mochi/versions/v1/previews"};
    assert.deepEqual(said({...job, phase: "finished"}).acts, ["install-newest"]);
    for (const phase of ["stopped", "failed"]) {
        const {title, lines} = said({kind: "preview", phase, error: null, outcome: null});
        assert.equal(title, phase === "stopped" ? "Stopped" : "Failed");
        assert.deepEqual(lines, ["The pictures made so far are kept."]);
    }
});

test("a run of a process that was ended says why where its folder tells, also beside a job of another project", () => {
    for (const ours of [true, false]) {
        const phase = ours ? "idle" : "training";
        assert.equal(said({phase}, {ours}).title, "r001 stopped at step 30");
        const failed = said({phase}, {ours, run: {...RUN, error: "Traceback (most recent\n  File\nValueError: no"}});
        assert.equal(failed.title, "r001 failed at step 30");
        assert.equal(failed.lines[0], "ValueError: no");
    }
    assert.deepEqual(said({phase: "idle"}, {run: {...RUN, held: "process 7"}}).acts, []);
});

test("what came of a run is text, not HTML", () => {
    const outcome = {title: "<a>", lines: ["<b>"], acts: ["preview-all"]};
    assert.equal(outcomeHtml(outcome), "<b>&#60;a&#62;</b><span>&#60;b&#62;</span>");
    assert.match(nextHtml(outcome), /data-act="preview-all">Preview all</);
});
