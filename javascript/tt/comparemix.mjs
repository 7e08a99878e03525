// @ts-check
// A checkpoint between the two sides of the wipe, saved as a file of the version.
import {mixCheckpoints} from "./compare_api.mjs";
import {askCheckpointsAnew, showCheckpoints} from "./checkpoints.mjs";
import {draws, goTo, now} from "./comparestate.mjs";
import {find, h} from "./dom.mjs";
import {showError} from "./messages.mjs";
import {poll} from "./poll.mjs";
import {here, samePlace} from "./state.mjs";
import {fill, t} from "./words.mjs";
import {workEnded} from "./works.mjs";

export const mixElement = () =>
    h(
        "div",
        {class: "tt-cmp-mix", hidden: true, role: "group", "aria-label": t("Mix A and B")},
        h("span", {"aria-hidden": "true"}, t("Share of B")),
        h("input", {type: "range", min: "0", max: "1", step: "0.05", value: "0.5", "aria-label": t("Share of B"), input: showShare}), // prettier-ignore
        h("output", {}, "50 %"),
        h("span", {"aria-hidden": "true"}, t("Weights of blocks")),
        h("input", {type: "text", class: "tt-cmp-blocks", "aria-label": t("Weights of blocks"), placeholder: "1;FACE", translate: "no", autocomplete: "off"}), // prettier-ignore
        h("button", {class: "tt-button", type: "button", "data-cmp": "mix", click: mix}, t("Mix A and B")),
        h("span", {class: "tt-fine", role: "status"}),
    );

/** @param {string} selector below the mix */
const part = (selector) => find(`.tt-cmp-mix ${selector}`);

function showShare() {
    part("output").textContent = `${Math.round(100 * part("[type=range]").value)} %`;
}

/** Names of the two checkpoints; none where one is the base model, or both are one. */
function chosen() {
    const {a, b} = now.view.sides,
        [one, other] = [a, b].map((side) => now.found.checkpoints[side?.checkpoint ?? -1]?.name);
    return now.view.wipes && one && other && one !== other ? [one, other] : [];
}

async function mix() {
    const of = here(),
        [one, other] = chosen(),
        share = Number(part("[type=range]").value),
        blocks = part(".tt-cmp-blocks").value.trim(),
        button = part("button"),
        says = part("[role=status]");
    button.disabled = true;
    const names = [`${one}:${(1 - share).toFixed(2)}`, `${other}:${share.toFixed(2)}`],
        begun = await mixCheckpoints(of, names, blocks ? {blocks} : {}).catch(() => null);
    const ended = await workEnded(of, begun, ({done, total}) => (says.textContent = total ? fill(t("{} of {}"), done, total) : "")); // prettier-ignore
    button.disabled = false;
    says.textContent = "";
    if (!samePlace(of, here())) return;
    if (!ended || ended.error) return showError({...(ended?.error || {message: t("No answer.")}), cause: "act"});
    const {name} = ended.result.after;
    says.textContent = fill(t("{} is made"), name);
    goTo(name);
    askCheckpointsAnew();
    await showCheckpoints();
    poll();
}

draws("parts", () => {
    find(".tt-cmp-mix").hidden = !chosen().length;
});
