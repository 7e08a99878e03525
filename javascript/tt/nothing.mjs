// @ts-check
// What stands in places of checkpoints before there is any.
import {all} from "./dom.mjs";
import {here, on, samePlace, state} from "./state.mjs";
import {t} from "./words.mjs";

/** Whether the version that is shown is being trained. */
function trains() {
    const {busy, job} = state.status || {};
    return Boolean(busy) && /^(train|resume)$/.test(job.kind) && samePlace(job, here());
}

/** In elements with ``data-nothing`` it follows what goes on. */
export const nothingText = () =>
    trains()
        ? t("Training goes on: the first checkpoint appears here as soon as it is saved.")
        : t("No checkpoints yet. Add pictures and press Train: each save appears here.");

on("now", () => {
    const words = nothingText();
    for (const one of all("[data-nothing]")) if (one.textContent !== words) one.textContent = words;
});
