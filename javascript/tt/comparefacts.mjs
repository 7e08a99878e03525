// @ts-check
// The checkpoint in sight on the page Compare: what it is, what was decided of it, and what can be done with it.
import {install} from "./api.mjs";
import {askCheckpointsAnew} from "./checkpoints.mjs";
import {decide} from "./compare_api.mjs";
import {checkpointAt, draws, now, see} from "./comparestate.mjs";
import {find, h} from "./dom.mjs";
import {size} from "./formats.mjs";
import {showError} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {ageOf} from "./rows.mjs";
import {here, state} from "./state.mjs";
import {fill, t} from "./words.mjs";

/** @param {string} what @param {string} words @param {() => any} does */
const button = (what, words, does) => h("button", {class: "tt-button", type: "button", "data-cmp": what, click: does}, words); // prettier-ignore

export const aboutElement = () =>
    h(
        "div",
        {class: "tt-cmp-about"},
        h("div", {class: "tt-cmp-name"}, h("b"), h("span", {class: "tt-fine"}), h("span", {class: "tt-fine", translate: "no"})), // prettier-ignore
        h(
            "div",
            {class: "tt-acts"},
            button("star", `☆ ${t("Star")}`, () => toggle("starred")),
            button("reject", `✕ ${t("Reject")}`, () => toggle("rejected")),
            button("install", t("Install to Lora"), installThis),
            button("install-starred", "", installStarred),
        ),
        h("input", {type: "text", class: "tt-cmp-note", "aria-label": t("Note on this checkpoint"), placeholder: t("Note on this checkpoint"), maxlength: 2000, translate: "no", change: keepNote}), // prettier-ignore
        h("p", {class: "tt-cmp-says tt-fine", role: "status"}),
    );

/** @param {string} words */
const say = (words) => (find(".tt-cmp-says").textContent = words);

/** Star or reject the checkpoint in sight, or take that back. @param {"starred" | "rejected"} verdict */
export async function toggle(verdict) {
    const checkpoint = checkpointAt();
    if (checkpoint) await keep(checkpoint, {verdict: checkpoint.verdict === verdict ? "" : verdict});
}

/** @param {any} event */
async function keepNote({target}) {
    const checkpoint = now.found.checkpoints.find(({name}) => name === target.dataset.name);
    if (checkpoint) await keep(checkpoint, {note: target.value.trim()});
}

/** @param {import("./compared.mjs").Checkpoint} checkpoint @param {import("./compare_api.mjs").Decided} change */
async function keep(checkpoint, change) {
    const before = {verdict: checkpoint.verdict, note: checkpoint.note};
    Object.assign(checkpoint, change);
    see({...now.view, sides: {...now.view.sides}});
    const answer = await decide(here(), checkpoint.name, change).catch(() => ({error: {message: t("No answer.")}}));
    if (answer.error) {
        Object.assign(checkpoint, before);
        see({...now.view, sides: {...now.view.sides}});
        return showError({...answer.error, cause: "act"});
    }
    askCheckpointsAnew();
    poll();
}

export async function installThis() {
    const checkpoint = checkpointAt();
    if (checkpoint) await installAll([checkpoint]);
}

const starred = () => now.found.checkpoints.filter(({verdict}) => verdict === "starred");

const installStarred = () => installAll(starred());

/** One after the other; says what came of it. @param {import("./compared.mjs").Checkpoint[]} checkpoints */
export async function installAll(checkpoints) {
    let done = 0;
    for (const checkpoint of checkpoints) {
        say(fill(t("Installing {}"), checkpoint.name));
        const answer = await install(here(), checkpoint.name).catch(() => ({error: {message: t("No answer.")}}));
        if (answer.error) {
            say(fill(t("Installed: {} of {}"), done, checkpoints.length));
            return showError({...answer.error, cause: "act"});
        }
        checkpoint.installed = true;
        done += 1;
    }
    say(done === 1 ? fill(t("{} is installed"), checkpoints[0].name) : fill(t("Installed: {} of {}"), done, done));
    askCheckpointsAnew();
    see({...now.view, sides: {...now.view.sides}});
}

let shownName = "";
draws("frame", () => {
    const name = checkpointAt()?.name || "";
    if (name !== shownName) showAbout();
});
draws("parts", showAbout);

function showAbout() {
    const checkpoint = checkpointAt(),
        box = find(".tt-cmp-about");
    box.hidden = !checkpoint;
    shownName = checkpoint?.name || "";
    if (!checkpoint) return;
    const {name, loss, bytes, verdict, note, installed} = checkpoint;
    const [age, facts, file] = box.querySelector(".tt-cmp-name").children;
    age.textContent = ageOf(checkpoint) || name;
    facts.textContent = [loss === null ? "" : fill(t("loss {}"), loss.toFixed(4)), size(bytes)].filter(Boolean).join("   "); // prettier-ignore
    file.textContent = name;
    mark("star", verdict === "starred", `${verdict === "starred" ? "★" : "☆"} ${t("Star")}`);
    mark("reject", verdict === "rejected", `✕ ${t("Reject")}`);
    const installs = !state.host || state.host.installs;
    find('[data-cmp="install"]').hidden = !installs;
    find('[data-cmp="install"]').textContent = t(installed ? "✓ Installed" : "Install to Lora");
    const all = find('[data-cmp="install-starred"]');
    all.hidden = !installs || !starred().length;
    all.textContent = fill(t("Install the starred ({})"), starred().length);
    const field = find(".tt-cmp-note");
    if (field.dataset.name !== name || document.activeElement !== field) field.value = note;
    field.dataset.name = name;
}

/** @param {string} what @param {boolean} pressed @param {string} words */
function mark(what, pressed, words) {
    const one = find(`[data-cmp="${what}"]`);
    one.setAttribute("aria-pressed", String(pressed));
    one.textContent = words;
}
