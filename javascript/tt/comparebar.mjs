// @ts-check
// What the page Compare shows of all that there is: run, setup, seed and weight; and how: wiped, zoomed.
import {BASE, differing} from "./compared.mjs";
import {draws, now, see} from "./comparestate.mjs";
import {toggled, weighted, wiping, withSide} from "./compareview.mjs";
import {find, h} from "./dom.mjs";
import {ageOf} from "./rows.mjs";
import {fill, listed, t} from "./words.mjs";

/** @typedef {[string, string]} Option value and words */

export const barOfCompare = () =>
    h(
        "div",
        {class: "tt-cmp-bar"},
        choiceElement("run", t("Run"), (run) => see({...now.view, run})),
        choiceElement("setup", t("Made with"), (setup) => see({...now.view, setup: Number(setup)})),
        choiceElement("seed", t("Seed"), (seed) => see({...now.view, seed: Number(seed)})),
        choiceElement("variant", t("Weight"), (one) => see(weighted(now.view, now.extent, Number(one)))),
        h(
            "label",
            {class: "tt-cmp-hides"},
            h("input", {type: "checkbox", change: (/** @type {any} */ event) => see({...now.view, hides: event.target.checked})}), // prettier-ignore
            t("Hide rejected ones"),
        ),
        h("button", {class: "tt-button", type: "button", "data-cmp": "wipe", click: () => see(wiping(now.view, now.extent, !now.view.wipes))}, t("Wipe A | B")), // prettier-ignore
        h("button", {class: "tt-button", type: "button", "data-cmp": "zoom", click: () => see(toggled(now.view, now.real))}), // prettier-ignore
    );

export const sidesElement = () =>
    h("div", {class: "tt-cmp-sides", hidden: true}, ...[/** @type {const} */ ("a"), /** @type {const} */ ("b")].map(sideElement)); // prettier-ignore

/** @param {"a" | "b"} side */
function sideElement(side) {
    const name = side.toUpperCase(),
        chosen = () => {
            const [checkpoint, variant] = ["checkpoint", "variant"].map((what) => Number(find(`[data-side-of="${side} ${what}"]`).value)); // prettier-ignore
            see(withSide(now.view, side, {checkpoint, variant}));
        };
    return h(
        "div",
        {role: "group", "aria-label": name, "data-cmp-side": side},
        h("b", {"aria-hidden": "true"}, name),
        h("select", {"data-side-of": `${side} checkpoint`, "aria-label": t("Checkpoint"), change: chosen}),
        h("select", {"data-side-of": `${side} variant`, "aria-label": t("Weight"), change: chosen}),
    );
}

/** @param {string} what @param {string} label @param {(value: string) => void} chosen */
const choiceElement = (what, label, chosen) =>
    h(
        "label",
        {class: "tt-pick-one"},
        h("span", {}, label),
        h("select", {"data-cmp-choice": what, change: (/** @type {any} */ event) => chosen(event.target.value)}),
    );

/** @param {any} select @param {Option[]} options @param {string} chosen */
function fillChoice(select, options, chosen) {
    const key = JSON.stringify(options);
    if (select.dataset.options !== key)
        select.replaceChildren(...options.map(([value, words]) => h("option", {value}, words)));
    select.dataset.options = key;
    select.value = chosen;
}

/** A choice, where there is one. @param {string} what @param {Option[]} options @param {string} chosen */
function offer(what, options, chosen) {
    const select = find(`[data-cmp-choice="${what}"]`);
    select.closest("label").hidden = options.length < 2;
    fillChoice(select, options, chosen);
}

/** @param {number} variant */
export function variantWords(variant) {
    if (variant === BASE) return t("Base model");
    const {weight, blocks} = now.found.variants[variant];
    return listed([`${weight}`, ...(blocks ? [fill(t("blocks {}"), blocks)] : [])]);
}

/** @param {Record<string, any>} request @param {string[]} names of what differs */
function setupWords(request, names) {
    const {sampler, steps, cfg_scale: cfg, width, height, base} = request,
        known = ["sampler", "steps", "cfg_scale", "width", "height", "base"];
    const size = `${width} × ${height}`,
        others = names
            .filter((name) => !known.includes(name))
            .map((name) => `${name} ${JSON.stringify(request[name])}`);
    return listed([sampler, fill(t("{} steps"), steps), `CFG ${cfg}`, size, ...(names.includes("base") ? [base] : []), ...others]); // prettier-ignore
}

draws("parts", () => {
    const {found, view, setups, extent} = now,
        runs = [...new Set(found.checkpoints.map(({run}) => run))].filter(Boolean);
    /** @type {Option[]} */
    const some = runs.length < 2 ? [] : [["", t("all runs")], ...runs.map((run) => /** @type {Option} */ ([run, run]))];
    offer("run", some, view.run);
    const names = differing(setups);
    offer("setup", setups.map(({request}, i) => [`${i}`, setupWords(request, names)]), `${view.setup}`); // prettier-ignore
    offer(
        "seed",
        (setups[view.setup]?.seeds || []).map((seed) => [`${seed}`, `${seed}`]),
        `${view.seed}`,
    );
    offer(
        "variant",
        extent.variants.map((one) => [`${one}`, variantWords(one)]),
        `${view.variant}`,
    );
    const hides = find(".tt-cmp-hides");
    hides.hidden = !found.checkpoints.some(({verdict}) => verdict === "rejected");
    hides.querySelector("input").checked = view.hides;
    find('[data-cmp="wipe"]').setAttribute("aria-pressed", String(view.wipes));
    showSides();
});

function showSides() {
    const {found, view, extent} = now;
    find(".tt-cmp-sides").hidden = !view.wipes;
    const checkpoints = extent.checkpoints.map((number) => /** @type {Option} */ ([`${number}`, ageOf(found.checkpoints[number]) || found.checkpoints[number].name])); // prettier-ignore
    const base = /** @type {Option[]} */ (extent.variants.includes(BASE) ? [[`${BASE}`, t("Base model")]] : []);
    const weights = extent.variants.filter((one) => one !== BASE).map((one) => /** @type {Option} */ ([`${one}`, variantWords(one)])); // prettier-ignore
    for (const side of /** @type {const} */ (["a", "b"])) {
        const {checkpoint, variant} = view.sides[side] || {checkpoint: BASE, variant: BASE};
        fillChoice(
            find(`[data-side-of="${side} checkpoint"]`),
            [...base, ...checkpoints],
            `${variant === BASE ? BASE : checkpoint}`,
        );
        fillChoice(find(`[data-side-of="${side} variant"]`), weights, `${variant === BASE ? (weights[weights.length - 1] || [""])[0] : variant}`); // prettier-ignore
        find(`[data-side-of="${side} variant"]`).hidden = checkpoint === BASE;
        find(`[data-cmp-side="${side}"]`).toggleAttribute("data-follows", view.side === side);
    }
}

draws("frame", () => {
    const {view, real} = now,
        percent = Math.round((100 * view.zoom) / real);
    const button = find('[data-cmp="zoom"]'),
        words = view.zoom > 1 ? `${percent} %` : t("Zoom");
    if (button.textContent !== words) button.textContent = words;
    button.setAttribute("aria-pressed", String(view.zoom > 1));
});
