// @ts-check
// The version's sheets by axes, with their files.
import {previewUrl} from "./api.mjs";
import {fillWith, find, foldElement, h} from "./dom.mjs";
import {text} from "./formats.mjs";
import {sheetUrl, sheets} from "./sheets_api.mjs";
import {here, isPlace, on, samePlace} from "./state.mjs";
import {fill, t, told} from "./words.mjs";

const SHOWN = 12;

export const sheetListElement = () =>
    h("section", {class: "tt-axes-sheets", "aria-label": t("Sheets by axes"), hidden: true},
        foldElement({}, h("h2", {}, t("Sheets by axes")), h("div", {class: "tt-axes-list"}))); // prettier-ignore

/** Ask which there are. */
async function showSheets() {
    const box = find(".tt-axes-sheets"),
        of = here();
    if (!box) return;
    const found = isPlace() ? await sheets(of).catch(() => null) : {sheets: []};
    if (!found || !samePlace(of, here())) return;
    const list = (found.sheets || []).slice(0, SHOWN);
    box.hidden = !list.length;
    fillWith(find(".tt-axes-list"), list.map((/** @type {any} */ one) => sheetHtml(one, of)).join(""));
}
on("checkpoints", showSheets);

/** @param {{name: string, prompt: string, axes: string[], pages: string[], html: boolean}} sheet
 * @param {import("./state.mjs").Place} of */
export function sheetHtml({name, prompt, axes, pages, html}, of) {
    const button = (/** @type {string} */ url, /** @type {string} */ words, how = "download") =>
        `<a class="tt-button" href="${text(url)}" ${how} aria-label="${text(told(name, words))}">${text(words)}</a>`;
    const seen = 'target="_blank" rel="noopener"';
    const page = html ? button(sheetUrl(of, name, "html", false), t("Page"), seen) : "";
    const pictures = pages.map((path, i) =>
        button(previewUrl(path), pages.length > 1 ? fill(t("PNG {}"), i + 1) : "PNG", seen),
    );
    return (
        `<article class="tt-swept" data-name="${text(name)}"><div class="tt-sweep-head">` +
        `<b translate="no">${text(axes.filter(Boolean).join(" × "))}</b>` +
        `<span class="tt-fine" translate="no">${text(prompt)}</span>` +
        `${page}${pictures.join("")}${button(sheetUrl(of, name, "json", true), "JSON")}</div></article>`
    );
}
