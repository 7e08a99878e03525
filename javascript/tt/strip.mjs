// @ts-check
// What can be done to the open picture, as buttons below it; and its mask over it.
import {text} from "./formats.mjs";
import {iconHtml} from "./icons.mjs";
import {maskUrl} from "./retouch.mjs";
import {t} from "./words.mjs";

/** @param {any} p the open picture */
export function stripHtml(p) {
    const off = p.problem || p.left_out ? " disabled" : "";
    const tool = (
        /** @type {string} */ name,
        /** @type {string} */ title,
        /** @type {string} */ words = "",
        /** @type {string} */ more = "",
    ) =>
        `<button type="button" class="tt-button" data-retouch="${name}" title="${text(title)}"` +
        ` ${words ? "" : `aria-label="${text(title)}"`}${more}${off}>${iconHtml(name)}${text(words)}</button>`;
    return (
        `<div class="tt-retouch" role="group" aria-label="${t("Change this picture")}">` +
        tool("crop", t("Crop it by hand"), t("Crop")) +
        tool("mask", t("Paint what of it is learned"), t("Mask"), p.masked ? ' data-on=""' : "") +
        tool("left", t("Turn left; the original is taken out")) +
        tool("rotate", t("Turn right; the original is taken out")) +
        tool("mirror", t("Mirror: one more picture")) +
        `<span>${tool("more", t("More that can be made of it"), "", ' aria-haspopup="menu" aria-expanded="false"')}</span></div>` +
        '<div class="tt-done tt-retouched" role="status"></div>'
    );
}

/** The mask, dark over what is not learned. @param {any} p the open picture, ``of`` which version */
export const overHtml = (p) => (p.masked ? `<img class="tt-mask-over" alt="" src="${text(maskUrl(p.of, p.id))}">` : "");
