// @ts-check
// One setting of a sweep: its values as a text, with choices to add where there are some.
import {choicesOf, exampleOf, has, toggled} from "./axes.mjs";
import {h} from "./dom.mjs";
import {labelText} from "./labelled.mjs";
import {fill, t} from "./words.mjs";

/** What to press adds its value to the text, or takes it out. @param {any} setting @param {(name: string) => void} press */
const chipsOf = (setting, press) =>
    choicesOf(setting).map(
        (name) =>
        h("button", {class: "tt-chip", type: "button", translate: "no", "data-value": name, click: () => press(name)}, name), // prettier-ignore
    );

/** @param {string} id @param {string} label @param {() => void} removed */
function headElement(id, label, removed) {
    const remove = fill(t("Remove {}"), label);
    return h(
        "div",
        {class: "tt-label"},
        h("label", {for: `tt-input-${id}`}, label),
        h("button", {class: "tt-tool", type: "button", "aria-label": remove, title: remove, click: removed}, "×"),
    );
}

/** @param {any} setting @param {string} typed at first @param {(typed: string) => void} changed @param {() => void} removed
 * @returns {{element: any, focus: () => void}} */
export function axisElement(setting, typed, changed, removed) {
    const id = `sweep_${setting.name}`,
        example = exampleOf(setting),
        facts = {id: `tt-input-${id}`, "data-setting": id, "aria-describedby": `tt-help-${id} tt-problem-${id}`};
    const box = h("input", {...facts, type: "text", value: typed, placeholder: example, autocomplete: "off",
        spellcheck: "false", translate: "no", input: () => put(box.value)}); // prettier-ignore
    const chips = chipsOf(setting, (name) => {
        box.value = toggled(setting, box.value, name);
        put(box.value);
    });

    /** @param {string} words */
    function put(words) {
        for (const chip of chips) chip.setAttribute("aria-pressed", String(has(setting, words, chip.dataset.value)));
        changed(words);
    }
    const element = h(
        "div",
        {class: "tt-field tt-axis", id: `train_tools_${id}`},
        headElement(id, labelText(setting), removed),
        box,
        chips.length > 0 && h("div", {class: "tt-chips"}, chips),
        h("small", {id: `tt-help-${id}`}, chips.length ? "" : fill(t("such as: {}"), example)),
        h("div", {class: "tt-problem", id: `tt-problem-${id}`}),
    );
    put(typed);
    return {element, focus: () => box.focus()};
}
