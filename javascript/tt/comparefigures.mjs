// @ts-check
// What was measured of the checkpoint in sight, and which one the figures speak for.
import {checkpointAt, draws, now} from "./comparestate.mjs";
import {slideTo} from "./compareslider.mjs";
import {installAll} from "./comparefacts.mjs";
import {find, h} from "./dom.mjs";
import {figures} from "./judgeapi.mjs";
import {shownValue} from "./judgechart.mjs";
import {here, samePlace, state} from "./state.mjs";
import {sentence, t} from "./words.mjs";

/** @type {any} the server's answer; null before */
let measured = null;
let shown = "";

/** @param {string} words @param {() => any} does */
const button = (words, does) => h("button", {class: "tt-button", type: "button", click: does}, words);

export const figuresElement = () =>
    h(
        "div",
        {class: "tt-cmp-figures", hidden: true},
        h("span"),
        h("p", {role: "group", "aria-label": t("The suggested checkpoint")}, h("span"), button(t("Show"), showSuggested), button("", installSuggested)), // prettier-ignore
    );

export async function askFigures() {
    const of = here(),
        found = await figures(of).catch(() => null);
    if (!samePlace(of, here())) return;
    measured = found && !found.error ? found : null;
    show();
}

/** Place of a checkpoint among those that are shown; -1 for none. @param {string} stem */
const placeOf = (stem) =>
    now.extent.checkpoints.findIndex((number) => stem && now.found.checkpoints[number].name === `${stem}.safetensors`);

function showSuggested() {
    const place = placeOf(measured?.suggestion?.checkpoint || "");
    if (place >= 0) slideTo(place, true);
}

const suggested = () => now.found.checkpoints[now.extent.checkpoints[placeOf(measured?.suggestion?.checkpoint || "")]];

const installSuggested = () => suggested() && installAll([suggested()]);

function show() {
    const box = find(".tt-cmp-figures"),
        [chips, suggests] = box.children;
    shown = checkpointAt()?.name || "";
    box.hidden = !measured?.checkpoints.length;
    if (box.hidden) return;
    const own = measured.checkpoints.find((/** @type {any} */ {name}) => `${name}.safetensors` === shown),
        known = own ? measured.shown.filter((/** @type {any} */ {name}) => typeof own.figures[name] === "number") : [];
    chips.replaceChildren(...known.map((/** @type {any} */ one) => chip(one, own.figures[one.name])));
    const {suggestion} = measured;
    suggests.hidden = !suggestion;
    if (suggestion) suggests.firstElementChild.textContent = sentence(suggestion, "reason");
    const [, shows, installs] = suggests.children;
    shows.hidden = !suggested();
    installs.hidden = !suggested() || Boolean(state.host && !state.host.installs);
    installs.textContent = t(suggested()?.installed ? "✓ Installed" : "Install to Lora");
}

/** @param {any} one @param {number} value */
const chip = (one, value) =>
    h("span", {title: sentence(one, "help")}, `${sentence(one, "title")} `, h("b", {}, shownValue(value, one)));

draws("frame", () => {
    if ((checkpointAt()?.name || "") !== shown) show();
});
draws("parts", show);
