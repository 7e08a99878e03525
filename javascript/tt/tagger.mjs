// @ts-check
// Tagging: a tagger is chosen and told what counts, it goes through the pictures, and what it proposes is looked at
// before it is written.
import {wish} from "./api.mjs";
import {find, h} from "./dom.mjs";
import {doneElement, sayDone} from "./done.mjs";
import {poll} from "./poll.mjs";
import {Proposed} from "./proposed.mjs";
import {usual} from "./scope.mjs";
import {here, on, samePlace, state} from "./state.mjs";
import {SetUp} from "./tagsetup.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";

/** The job that tags a version's pictures now; null for none. @param {import("./state.mjs").Place} of */
export function jobOf(of) {
    const {busy, job} = state.status || {busy: false, job: {}};
    return busy && job.kind === "tag" && samePlace(job, of) ? job : null;
}

/** How far that is. @param {any} job */
export const farText = ({work_done: done, work_total: total}) =>
    total ? fill(t("Tagging: {} of {}"), done, total) : t("The tagger is being loaded...");

/** The dialog, on one of three pages: what is told, how far it is, what is proposed. */
class Tagging {
    /** @param {import("./scope.mjs").Scope} scope */
    constructor(scope) {
        this.of = here();
        this.page = "";
        this.job = 0; // that was begun here
        this.body = h("div", {});
        this.acts = h("span", {class: "tt-acts"});
        this.done = doneElement();
        this.bar = h("progress", {"aria-label": t("Tagging")});
        this.far = h("p", {class: "tt-would-change"});
        this.told = new SetUp(this.of, scope, this.done, (job) => this.run(job));
        this.proposed = new Proposed(this.of, this.done, () => this.leave());
    }

    async open() {
        const form = h("form", {id: "tt-tag", submit: (/** @type {Event} */ event) => this.submit(event)}, this.body);
        const close = h("button", {class: "tt-button", type: "button", click: () => box.close()}, t("Close"));
        const acts = [this.acts, close, this.done],
            box = openWork({
                name: "tagging",
                title: t("Tag pictures"),
                inside: form,
                acts,
                closed: () => this.closed(),
            });
        if (jobOf(this.of)) this.run(0);
        else if (state.status?.proposal) await this.look();
        else await this.setUp();
    }

    closed() {
        now = null;
        this.told.close();
        this.proposed.close();
        if (document.activeElement === document.body) find('[data-tool="tag"]')?.focus(); // what opened it may be gone
    }

    /** @param {string} page @param {any[]} inside @param {any[]} acts */
    go(page, inside, acts) {
        this.page = page;
        this.body.replaceChildren(...inside);
        this.acts.replaceChildren(...acts);
    }

    async setUp() {
        this.go("told", [this.told.element], [this.told.start]);
        await this.told.load();
        this.told.element.querySelector("input:checked")?.focus({preventScroll: true});
        this.follow();
    }

    /** @param {number} job */
    run(job) {
        this.job = job;
        const stop = h("button", {class: "tt-button", type: "button", click: () => wish("stop")}, t("Stop"));
        const fine = h("p", {class: "tt-fine"}, t("You can close this window meanwhile; it goes on."));
        this.go("running", [h("div", {class: "tt-tag-page"}, this.far, this.bar, fine)], [stop]);
        this.far.textContent = farText({});
        stop.focus();
        poll();
    }

    /** What was proposed is discarded, or another window has written it. */
    async leave() {
        poll(); // whoever offers to look at it looks again
        await this.setUp();
    }

    async look() {
        this.page = "asking";
        if (!(await this.proposed.load())) return this.setUp();
        this.go("proposal", [this.proposed.element], [this.proposed.write, this.again(), this.proposed.discard]);
        this.proposed.element.querySelector("[tabindex]")?.focus({preventScroll: true});
    }

    again = () => h("button", {class: "tt-button", type: "button", click: () => this.setUp()}, t("Tag again..."));

    /** @param {Event} event */
    submit(event) {
        event.preventDefault();
        if (this.page === "told") this.told.begin();
        else if (this.page === "proposal") this.proposed.accept();
    }

    /** What goes on has moved. */
    follow() {
        if (!state.status) return;
        const {job, busy, proposal} = state.status;
        if (this.page === "told") this.told.follow(job, busy);
        else if (this.page === "proposal") this.proposed.follow(proposal);
        else if (this.page === "running" && !(this.job && job.number < this.job)) this.followJob(job, proposal);
    }

    /** @param {any} job @param {number | null} proposal */
    followJob(job, proposal) {
        if (jobOf(this.of)) {
            this.far.textContent = farText(job);
            if (job.work_total) Object.assign(this.bar, {max: job.work_total, value: job.work_done});
        } else if (proposal && job.phase !== "failed") this.look();
        else this.setUp().then(() => job.phase === "failed" && sayDone(this.done, {error: job.error}));
    }
}

/** @type {Tagging | null} the dialog that is open */
let now = null;
on("now", () => now?.follow());

/** Opens the dialog. @param {import("./scope.mjs").Scope} [scope] which pictures; by default what somebody means */
export function openTagging(scope = usual()) {
    now = new Tagging(scope);
    now.open();
}
