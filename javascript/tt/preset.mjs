// @ts-check
// What differs from the preset that was taken, and the way back to it.
import {find, fillWith, within} from "./dom.mjs";
import {text} from "./formats.mjs";
import {labelOf} from "./messages.mjs";
import {t} from "./words.mjs";

let wish = "";

/** The setting that is to be as in the preset; empty for all. */
export const wanted = () => wish;

/** @param {any} found the settings of the chosen version; null while they are not known */
export function showPreset(found) {
    const place = find(".tt-preset");
    if (!place) return;
    const before = place.querySelector("details"),
        focused = place.contains(document.activeElement);
    if (!fillWith(place, presetHtml(found))) return;
    const after = place.querySelector("details");
    if (before && after) after.open = before.open;
    const next = after ? after.querySelector("summary") : find("#train_tools_preset input");
    if (focused && next) next.focus();
}

/** @param {any} found */
function presetHtml(found) {
    if (!found || !found.preset) return "";
    const about = found.about ? `<p>${text(t(found.about))}</p>` : "";
    if (!found.differs.length) return `${about}<div class="tt-same">${t("Everything is as in the preset.")}</div>`;
    const names = found.differs.map(changeText).join("\n");
    const head = `<thead><tr><th></th><th>${t("Preset")}</th><th>${t("Now")}</th><th></th></tr></thead>`;
    return (
        `${about}<details><summary title="${text(names)}">${t("Differs from preset")}: <b>${found.differs.length}</b></summary>` +
        `<table>${head}<tbody>${found.differs.map(rowHtml).join("")}</tbody></table>` +
        `${backHtml("", t("All back to the preset"))}</details>`
    );
}

/** @param {any} one */
const changeText = (one) => `${labelOf(one.setting)}: ${t(one.preset)} → ${t(one.now)}`;

/** @param {any} one */
function rowHtml(one) {
    const label = text(labelOf(one.setting));
    const link = `<a href="#" data-act="goto" data-setting="${text(one.setting)}">${label}</a>`;
    return (
        `<tr><td>${link}</td><td>${text(t(one.preset))}</td>` +
        `<td><b>${text(t(one.now))}</b></td><td>${backHtml(one.setting, t("Back"), label)}</td></tr>`
    );
}

/** @param {string} setting @param {string} words @param {string} label */
const backHtml = (setting, words, label = "") =>
    `<button class="gradio-button" data-back="${text(setting)}" ` +
    `aria-label="${label ? `${words}: ${label}` : words}">${words}</button>`;

document.addEventListener("click", (event) => {
    const button = within(event, ".tt-preset [data-back]");
    if (!button) return;
    wish = button.dataset.back;
    find("#train_tools_back").click();
});
