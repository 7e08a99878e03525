// @ts-check
// Draws the Train Tools tab and keeps it true. Everything shown comes from the server, so that any browser, reloaded or
// new, shows the same. Nothing here decides what Python could decide.
import "./acts.mjs";
import "./alike.mjs";
import * as api from "./api.mjs";
import {find} from "./dom.mjs";
import {addButtons} from "./generated.mjs";
import "./large.mjs";
import {watchCards} from "./opencard.mjs";
import {findPlaces} from "./places.mjs";
import {plan} from "./plan.mjs";
import {poll} from "./poll.mjs";
import {fillShell} from "./shell.mjs";
import {here, on, remembered, state} from "./state.mjs";
import {loadWords} from "./words.mjs";

const LOOK_MS = 50,
    AGAIN_MS = 2000;

/** @param {number} ms */
const after = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the form and its lists are made from; asked again until somebody answers. */
async function facts() {
    for (;;) {
        const found = await Promise.all([api.declared(), api.presets(), api.host()]).catch(() => null);
        if (found && !found.some((one) => one.error)) return found;
        await after(AGAIN_MS);
    }
}

const [[{settings}, {presets}, host]] = await Promise.all([facts(), loadWords()]);
Object.assign(state, {declared: settings, presets, host});
while (!find("#train_tools_root")) await after(LOOK_MS); // the WebUI draws its tabs later than it loads scripts
fillShell(find("#train_tools_root"));
addButtons();
watchCards();
on("place", poll);
await findPlaces(remembered());
document.addEventListener("visibilitychange", poll);
poll();

/** What tests ask. */
window.trainTools = {here, plan};
