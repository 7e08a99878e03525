// @ts-check
// One tag of a caption as a chip, and what keys do to it.
import {h} from "./dom.mjs";
import {fill, listed, t} from "./words.mjs";

/** @typedef {{passes: number | null, isCut: boolean, isMark: boolean}} Facts how many tokens end in it; whether
 * it is not trained; whether it sets fixed tags apart */

/** @param {Facts} facts */
export function meaningOf({passes, isCut, isMark}) {
    if (isMark) return t("The tags before it stay in their places");
    return listed([passes ? fill(t("{} tokens end here"), passes) : "", isCut ? t("not trained") : ""].filter(Boolean));
}

/** @param {string} item @param {number} at @param {Facts} facts @param {string} key by which it is known again */
export function chipElement(item, at, facts, key) {
    const means = meaningOf(facts),
        classes = [facts.isCut && "tt-cut", facts.isMark && "tt-mark"].filter(Boolean).join(" ");
    const name = {type: "button", "data-chip": at, tabindex: -1, translate: "no"},
        out = {type: "button", "data-out": at, tabindex: -1, "aria-label": fill(t("Remove {}"), item)};
    return h(
        "li",
        {class: classes, "data-key": key, "data-passes": facts.passes, title: means || null},
        h("button", {...name, "aria-label": means ? `${item}, ${means}` : null}, item),
        h("button", out, "×"),
    );
}

/** @param {Record<string, any>} facts */
export const tagInput = (facts) =>
    h("input", {type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", translate: "no", ...facts}); // prettier-ignore

/**
 * What a key on a chip does.
 * @param {KeyboardEvent} event
 * @param {number} at
 * @param {import("./chipview.mjs").Chips} chips
 * @returns {boolean} whether it does something
 */
export function pressed(event, at, chips) {
    const last = chips.items.length - 1,
        by = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? last : by && at + by;
    if (event.ctrlKey || event.metaKey) return false;
    if (to !== undefined) {
        if (event.altKey) {
            if (to >= 0 && to <= last) chips.move(at, to > at ? to + 1 : to);
        } else if (to > last) chips.input.focus();
        else chips.hold(to);
    } else if (event.key === "Delete" || event.key === "Backspace") chips.remove(at);
    else if (event.key === "Enter" || event.key === "F2") chips.edit(at);
    else return false;
    return true;
}
