// @ts-check
// Text of the page for the clipboard, by a button beside it.
import {t} from "./words.mjs";

const COPIED_MS = 2000;

/** Copy an element's text; the button says so for a moment. Where the browser refuses, the text is selected.
 * @param {any} button @param {any} element */
export async function copyText(button, element) {
    try {
        await navigator.clipboard.writeText(element.textContent);
    } catch {
        getSelection()?.selectAllChildren(element); // an address without https: the person copies
        return;
    }
    button.textContent = t("Copied");
    setTimeout(() => (button.textContent = t("Copy")), COPIED_MS);
}
