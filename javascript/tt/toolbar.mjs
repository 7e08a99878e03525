// @ts-check
// Above the grid: which pictures are shown, in which order and size; and what is done with those that are selected.
import {find, h} from "./dom.mjs";
import {resize, SIZES} from "./grid.mjs";
import {view} from "./listing.mjs";
import {filterBy} from "./scope.mjs";
import {on, state, tell} from "./state.mjs";
import {has, withoutTerm, withTerm} from "./terms.mjs";
import {t} from "./words.mjs";

/** @type {Record<string, string>} */
const SORTINGS = {
    "": "as in the folders",
    name: "by name",
    "-size": "largest first",
    size: "smallest first",
    sharpness: "blurred first",
    tags: "fewest tags first",
    "-tags": "most tags first",
    likeness: "alike side by side",
    "-loss": "hardest to learn first",
};
/** @type {Record<string, string>} terms of a filter, of which one at a time is chosen */
const SHOWN_KINDS = {
    "": "all kinds",
    "is:masked": "with a mask",
    "-is:masked": "without a mask",
    "is:uncaptioned": "without a caption",
    "is:train": "for training",
    "is:reg": "for regularisation",
};
const TERMS = Object.keys(SHOWN_KINDS).filter(Boolean),
    PATIENCE = 250; // milliseconds after the last letter
let later = 0;

/** @param {...any} more buttons of other parts @returns {any} */
export const toolbarElement = (...more) =>
    h(
        "div",
        {class: "tt-tools"},
        h("input", {
            type: "search",
            id: "train_tools_filter",
            placeholder: t("Filter, such as blue_eyes -hat"),
            "aria-label": t("Filter pictures"),
            autocomplete: "off",
            spellcheck: "false",
            input: filterSoon,
        }),
        h(
            "select",
            {id: "train_tools_kind", "aria-label": t("Kind of the pictures"), change: kindNow},
            Object.keys(SHOWN_KINDS).map((value) => h("option", {value}, t(SHOWN_KINDS[value]))),
        ),
        h(
            "select",
            {id: "train_tools_sort", "aria-label": t("Order of the pictures"), change: sortNow},
            Object.keys(SORTINGS).map((value) => h("option", {value}, t(SORTINGS[value]))),
        ),
        h("input", {
            type: "range",
            id: "train_tools_size",
            min: 0,
            max: SIZES.length - 1,
            value: 1,
            "aria-label": t("Size of the pictures"),
            input: (/** @type {any} */ event) => resize(Number(event.target.value)),
        }),
        h(
            "label",
            {class: "tt-with-out"},
            h("input", {type: "checkbox", id: "train_tools_left_out", change: withLeftOut}),
            t("those taken out too"),
        ),
        more,
    );

/** @param {any} event */
function filterSoon(event) {
    state.filter = event.target.value.trim();
    clearTimeout(later);
    later = setTimeout(tell, PATIENCE, "filter");
}

/** @param {any} event */
function kindNow({target}) {
    const others = TERMS.reduce(withoutTerm, state.filter);
    filterBy(target.value ? withTerm(others, target.value) : others);
}

/** @param {any} event */
function sortNow(event) {
    view.sort = event.target.value;
    tell("filter");
}

/** @param {any} event */
function withLeftOut(event) {
    view.leftOut = event.target.checked;
    tell("filter");
}

/** The filter is another one, perhaps from another part of the page. */
on("filter", () => {
    const [box, kind] = [find("#train_tools_filter"), find("#train_tools_kind")];
    if (!box) return;
    if (box.value.trim() !== state.filter) box.value = state.filter;
    kind.value = TERMS.find((term) => has(state.filter, term)) || "";
});

on("place", () => {
    state.filter = "";
    view.leftOut = false;
    const [filter, kind, out] = ["filter", "kind", "left_out"].map((name) => find(`#train_tools_${name}`));
    if (filter) [filter.value, kind.value, out.checked] = ["", "", false];
});
