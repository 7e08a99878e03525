// @ts-check
// With which prompts a sweep's report is drawn, and what becomes of a version that has none.
import {h} from "./dom.mjs";
import {choiceElement} from "./labelled.mjs";
import {valueOf} from "./settings.mjs";
import {t} from "./words.mjs";

const OWN = "version";

/** @param {(kind: string) => void} taken @returns {any[]} what is chosen, and a line on it */
export function promptsElements(taken) {
    /** @type {[string, string][]} */
    const kinds = [[OWN, t("the version's preview prompts")], ["fixed", t("thirteen that are always the same")]]; // prettier-ignore
    const note = h(
        "p",
        {class: "tt-fine tt-sweep-prompts", role: "status"},
        t("This version has no preview prompts: the report takes the thirteen that are always the same."),
    );
    const show = (/** @type {string} */ kind) => (note.hidden = kind !== OWN || hasPrompts());
    const choice = choiceElement(t("Prompts of the report"), kinds, OWN, (kind) => {
        show(kind);
        taken(kind);
    });
    show(OWN);
    return [choice, note];
}

const hasPrompts = () => Boolean((valueOf("preview_prompts") || "").length);
