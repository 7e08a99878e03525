// @ts-check
// One input for each setting: what it is, what it says about itself, and how it is changed.
import {h} from "./dom.mjs";
import {labelText} from "./labelled.mjs";
import {state} from "./state.mjs";
import {about, written} from "./typed.mjs";
import {itemsOf} from "./values.mjs";
import {t} from "./words.mjs";

/** @typedef {{name: string, element: any, show: (value: any) => void, focus: () => void}} Field ``show`` leaves what
 * is being typed as it is where that means the same */

/** @param {any} setting ``id`` instead of its name where another setting is called so @param {(value: any) => void} changed
 * @param {() => void} back takes it back to the preset @returns {Field} */
export function fieldOf(setting, changed, back) {
    const {name, id = name} = setting,
        control = controlOf(setting, changed);
    const label = h("label", {for: `tt-input-${id}`}, labelText(setting));
    const way = h("button", {class: "tt-back", type: "button", hidden: true, click: back});
    const help = h("small", {id: `tt-help-${id}`}, t(setting.help.replaceAll("`", "")));
    const wrong = h("div", {class: "tt-problem", id: `tt-problem-${id}`});
    const unused = h("div", {class: "tt-unused", "data-of": id});
    const inside =
        setting.kind === "bool"
            ? [h("div", {class: "tt-check"}, control.element, label, way)]
            : [h("div", {class: "tt-label"}, label, way), control.element];
    const wide = control.isWide ? " tt-wide" : "";
    const element = h("div", {class: `tt-field${wide}`, id: `train_tools_${id}`}, inside, help, unused, wrong);
    return {name, element, show: control.show, focus: () => element.querySelector("input, select, textarea").focus()};
}

/** @typedef {import("./typed.mjs").Control} Control */

/** @param {any} setting @param {(value: any) => void} changed @returns {Control} */
function controlOf(setting, changed) {
    if (setting.kind === "bool") return checkbox(setting, changed);
    const known = setting.name === "preview_sampler" ? (state.host || {samplers: []}).samplers : setting.choices;
    if (known.length)
        return setting.kind === "list" ? severalOf(setting, known, changed) : oneOf(setting, known, changed);
    return written(setting, changed);
}

/** @param {any} setting @param {(value: any) => void} changed @returns {Control} */
function checkbox(setting, changed) {
    const box = h("input", {type: "checkbox", ...about(setting), change: () => changed(box.checked)});
    return {element: box, show: (value) => (box.checked = Boolean(value))};
}

/** @param {any} setting @param {string[]} known @param {(value: any) => void} changed @returns {Control} */
function oneOf(setting, known, changed) {
    const options = known.map((name) => h("option", {value: name, translate: "no"}, name));
    const box = h("select", {...about(setting), change: () => changed(box.value)}, options);
    return {
        element: box,
        show(value) {
            if (!known.includes(value) && value !== undefined && ![...box.options].some((one) => one.value === value))
                box.append(h("option", {value}, value)); // a draft stays in sight
            box.value = value;
        },
    };
}

/** Several of what is known: each chosen one is a button that takes it away. @param {any} setting
 * @param {string[]} known @param {(value: any) => void} changed @returns {Control} */
function severalOf(setting, known, changed) {
    /** @type {string[]} */
    let chosen = [];
    const list = h("span", {class: "tt-chips"});
    const more = h("select", {...about(setting), change: () => changed([...chosen, more.value])});
    return {
        element: h("div", {class: "tt-several"}, list, more),
        show(value) {
            chosen = Array.isArray(value) ? value : itemsOf(setting, String(value ?? ""));
            const without = (/** @type {string} */ name) => chosen.filter((one) => one !== name);
            list.replaceChildren(
                ...chosen.map(
                    (name) =>
                    h("button", {class: "tt-chip", type: "button", "aria-label": `${t("Remove")} ${name}`, translate: "no",
                        click: () => changed(without(name))}, name, " ×"), // prettier-ignore
                ),
            );
            const rest = known.filter((name) => !chosen.includes(name));
            more.replaceChildren(
                h("option", {value: "", disabled: true, selected: true}, t("Add...")),
                ...rest.map((name) => h("option", {value: name, translate: "no"}, name)),
            );
        },
    };
}
