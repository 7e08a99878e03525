// @ts-check
// What txt2img last made a picture with, at the setting that has previews made so; and its plain values for previews.
import * as api from "./api.mjs";
import {find, h} from "./dom.mjs";
import {change, valueOf} from "./settings.mjs";
import {on} from "./state.mjs";
import {fill, t} from "./words.mjs";

const FIELD = "#train_tools_preview_like_txt2img",
    LOOK_MS = 4000;
let looked = 0;

/** @typedef {{made_at: number, prompt: string, negative_prompt: string, sampler: string, steps: number, cfg_scale: number,
 * width: number, height: number, styles: string[], hires: number}} Made */

/** @param {Made} made @returns {string} when, and how, in a line */
export function madeText(made) {
    const at = new Date(1000 * made.made_at).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
    const parts = [
        made.sampler,
        fill(t("{} steps"), made.steps),
        `CFG ${made.cfg_scale}`,
        `${made.width} x ${made.height}`,
        made.hires ? fill(t("hires fix {}x"), made.hires) : "",
        made.styles.length ? fill(t("styles: {}"), made.styles.join(", ")) : "",
    ];
    return `${fill(t("txt2img last made a picture at {}:"), at)} ${parts.filter(Boolean).join(", ")}`;
}

/** What previews are set to where they get txt2img's plain values. @param {Made} made @returns {Record<string, any>} */
export const plainValues = (made) => ({
    preview_prompts: made.prompt
        .replace(/\s*<lora:[^>]*>/g, "")
        .replace(/\s+/g, " ")
        .trim(), // prompts are lines
    preview_negative_prompt: made.negative_prompt,
    preview_sampler: [made.sampler],
    preview_steps: String(made.steps),
    preview_cfg_scale: String(made.cfg_scale),
    preview_width: String(made.width),
    preview_height: String(made.height),
});

/** @param {Made | null} made */
function show(made) {
    const field = find(FIELD),
        box = field.querySelector(".tt-alike") || field.appendChild(h("div", {class: "tt-alike"})),
        says = made ? madeText(made) : valueOf("preview_like_txt2img") ? t("txt2img has made no picture yet.") : "";
    if (box.dataset.says === says) return;
    box.dataset.says = says;
    const take = () => made && change(plainValues(made), true);
    box.replaceChildren(
        ...(says ? [h("small", {}, says)] : []),
        ...(made ? [h("button", {class: "tt-button", type: "button", click: take}, t("Take these values over"))] : []),
    );
}

async function look() {
    if (!find(FIELD)?.offsetParent || Date.now() - looked < LOOK_MS) return;
    looked = Date.now();
    const host = await api.host().catch(() => null);
    if (host && !host.error) show(host.txt2img);
}

on("now", look);
on("planned", look);
