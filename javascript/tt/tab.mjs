// @ts-check
// The moving parts of the Train Tools tab. Everything shown comes from the server, so that any browser, reloaded or new,
// shows the same. Nothing here decides what Python could decide.
import {taken} from "./acts.mjs";
import {changed, shownOver} from "./form.mjs";
import "./large.mjs";
import {plan} from "./plan.mjs";
import {poll} from "./poll.mjs";
import {wanted} from "./preset.mjs";
import {elsewhere} from "./settings.mjs";
import {here, remembered, state} from "./state.mjs";
import "./upload.mjs";

/** What gradio calls, from its events; and what tests ask. */
window.trainTools = {
    changed,
    elsewhere,
    here,
    plan,
    remembered,
    settings: () => state.settings,
    taken,
    tookOver: shownOver,
    wanted,
};
document.addEventListener("visibilitychange", poll);
poll();
