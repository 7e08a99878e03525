// @ts-check
// A chip's tag is written anew, where it stands.
import {tagInput} from "./chip.mjs";
import {replaced, tagsIn} from "./chips.mjs";
import {h} from "./dom.mjs";
import {t} from "./words.mjs";

/** @param {import("./chipview.mjs").Chips} chips @param {number} at */
export function writeAnew(chips, at) {
    const before = chips.items[at],
        input = tagInput({
            class: "tt-anew",
            value: before,
            size: before.length + 2,
            "aria-label": t("Edit the tag"),
        });
    let isOver = false;
    const end = (/** @type {string} */ words, back = true) => {
        if (isOver) return;
        isOver = true;
        if (words.trim() === before) chips.owner.redraw();
        else chips.owner.change(replaced(chips.items, at, tagsIn(words, chips.owner.shape())));
        if (back) chips.hold(at);
    };
    const offers = chips.completing(input, (tag) => end(tag), before);
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
        if (event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        end(event.key === "Enter" ? input.value : before);
    });
    input.addEventListener("blur", () => end(input.value, false));
    delete chips.list.children[at].dataset.key; // it is drawn anew afterwards
    chips.list.children[at].replaceChildren(h("span", {class: "tt-adds"}, input, offers));
    input.select();
}
