// @ts-check
// What was changed, to be taken back.

/** @typedef {Record<string, any>} Values by name of the setting */

const TOGETHER_MS = 2000, // letters of one number
    KEPT = 100;

export class Undo {
    constructor() {
        /** @type {{before: Values, at: number}[]} */
        this.steps = [];
    }

    /**
     * Note a change.
     * @param {Values} before what the changed settings were
     * @param {number} now milliseconds
     * @param {boolean} alone whether it is a step of its own, whatever was typed just before
     */
    note(before, now, alone = false) {
        const last = this.steps[this.steps.length - 1],
            names = Object.keys(before);
        if (!names.length) return;
        const goesOn =
            !alone && last && now - last.at < TOGETHER_MS && names.join() === Object.keys(last.before).join();
        if (goesOn) last.at = now;
        else this.steps.push({before, at: alone ? -Infinity : now});
        if (this.steps.length > KEPT) this.steps.shift();
    }

    /** What the next step back would set. @returns {Values | null} */
    get next() {
        return this.steps.length ? this.steps[this.steps.length - 1].before : null;
    }

    /** Take one step back. @returns {Values | null} */
    take() {
        const step = this.steps.pop();
        return step ? step.before : null;
    }
}
