// @ts-check
// Which base model a run would be trained on.
import {fillWith, find} from "./dom.mjs";
import {kindOf} from "./figures.mjs";
import {nameOf, text} from "./formats.mjs";
import {valueOf} from "./settings.mjs";
import {state} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

/** @type {any} */
let known = null;

/** @param {any} [plan] the newest one; null where there is none */
export function showBase(plan = known) {
    known = plan;
    if (plan) state.family = plan.family;
    const box = find(".tt-base"),
        host = (state.status || state).host;
    if (box && host) fillWith(box, baseHtml(host, plan, valueOf("base_model")));
}

/** @param {any} host @param {any} plan @param {string | undefined} chosen by the settings; empty takes what is loaded */
export function baseHtml(host, plan, chosen) {
    if (host.problem) return `<span class="tt-warn">${text(sentence(host, "problem"))}</span>`;
    const title = (plan && plan.base_model) || (chosen && nameOf(chosen)) || host.base_model;
    const loaded = typeof gradioApp === "function" && title === host.base_model; // others load theirs when they train
    return (
        fill(t("Base: {}"), `<b translate="no">${text(title)}</b>`) +
        (loaded ? ` <span class="tt-tag">${t("loaded")}</span>` : "") +
        (plan && plan.family ? ` <span class="tt-fine">${kindOf(plan)}</span>` : "")
    );
}
