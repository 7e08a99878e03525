// @ts-check
// Keys of the page Compare, and the dialog that tells them. None is taken from somebody who types.
import {installThis, toggle} from "./comparefacts.mjs";
import {now, see} from "./comparestate.mjs";
import {isTaken, keyed} from "./compareview.mjs";
import {stepBy} from "./compareslider.mjs";
import {find, h, isVisible} from "./dom.mjs";
import {t} from "./words.mjs";

const PAGE = "#tt-page-compare";

/** @type {Record<string, () => any>} */
const ACTS = {
    s: () => toggle("starred"),
    x: () => toggle("rejected"),
    i: installThis,
    n: () => find(".tt-cmp-note").focus(),
    "?": showKeys,
};

/** @returns {[string, string][]} keys and what they do */
const keys = () => [
    ["← →", t("earlier and later checkpoint")],
    ["↑ ↓", t("more and less weight")],
    ["1 … 9", t("one prompt alone; again, or 0, for all")],
    ["A, B", t("take what is in sight as side A or B; slider and weight move that side then")],
    ["W", t("wipe A against B, or fade again")],
    ["S, X, N", t("star, reject, note")],
    ["I", t("install to Lora")],
    ["Z", t("zoom to the picture's own pixels and back; also double click and wheel (Ctrl and wheel among several)")],
    ["?", t("these keys")],
];

export const keysElement = () =>
    h("button", {class: "tt-tool", type: "button", "aria-label": t("Keys"), title: t("Keys"), click: showKeys}, "?");

function showKeys() {
    const rows = keys().map(([names, does]) => h("div", {}, h("dt", {}, h("kbd", {}, names)), h("dd", {}, does)));
    const box = h(
        "dialog",
        {class: "tt-dialog tt-cmp-keys", "aria-labelledby": "tt-cmp-keys-title", keydown: (/** @type {Event} */ event) => event.stopPropagation()}, // prettier-ignore
        h("h2", {id: "tt-cmp-keys-title"}, t("Keys")),
        h("dl", {}, rows),
        h("div", {class: "tt-acts"}, h("button", {class: "tt-button", type: "button", click: () => box.close()}, t("Close"))), // prettier-ignore
    );
    const held = /** @type {any} */ (document.activeElement);
    box.addEventListener("close", () => {
        box.remove();
        held?.focus?.({preventScroll: true});
    });
    find("#train_tools_root").append(box);
    box.showModal();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
    const target = /** @type {any} */ (event.target),
        page = find(PAGE);
    if (!page || page.hidden || !isVisible() || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOurs = page.contains(target) || target === document.body || target.id === "tt-tab-compare";
    if (!isOurs || find("dialog[open]")) return;
    if (isTaken(target, event.key) || !now.found.checkpoints.length) return;
    const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act && !now.columns.length) return;
    if (act) act();
    else if (/^Arrow(Left|Right)$/.test(event.key)) {
        stepBy(event.key === "ArrowLeft" ? -1 : 1);
    } else {
        const next = keyed(now.view, event.key, now.extent, now.real);
        if (!next) return;
        see(next);
    }
    event.preventDefault();
    event.stopPropagation();
}

document.addEventListener("keydown", onKey, true);
