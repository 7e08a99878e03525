// @ts-check
// Tags are copied from one picture to others, by buttons and by keys; other programs have them too.
import {tagsIn} from "./chips.mjs";
import {page} from "./dom.mjs";

/** @typedef {{tags: string[], paste: (tags: string[]) => void, shape: () => import("./chips.mjs").Shape}} Captioned */

/** @type {string[]} */
let kept = [];

export const copied = () => kept;

/** Keep tags here, and for other programs where the browser allows it. @param {string[]} tags */
export function copy(tags) {
    kept = tags;
    navigator.clipboard?.writeText(tags.join(", ")).catch(() => null);
}

/** Whether keys mean the caption as a whole, not words that are selected or written. */
function areMeant() {
    const held = document.activeElement;
    return Boolean(
        held?.closest(".tt-drawer") && !held.matches("input, textarea") && getSelection()?.isCollapsed !== false,
    );
}

/** Have the keys for copying and pasting do it with tags.
 * @param {() => Captioned | null} current what is open @param {() => void} done is called after tags were copied */
export function listen(current, done) {
    page().addEventListener("copy", (/** @type {any} */ event) => {
        const open = current();
        if (!open || !areMeant()) return;
        event.preventDefault();
        kept = open.tags;
        event.clipboardData.setData("text/plain", kept.join(", "));
        done();
    });
    page().addEventListener("paste", (/** @type {any} */ event) => {
        const open = current();
        if (!open || !areMeant()) return;
        event.preventDefault();
        open.paste(tagsIn(event.clipboardData.getData("text/plain"), open.shape()));
    });
}
