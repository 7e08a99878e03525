// @ts-check
// One input for each setting: what it is, what it says about itself, and how it is changed.
import {h} from "./dom.mjs";
import {state} from "./state.mjs";
import {itemsOf, stepped, textOf} from "./values.mjs";
import {t} from "./words.mjs";

const LINES = 3;
/** @type {Record<string, string>} what to write where nothing stands yet */
const EXAMPLES = {preview_prompts: "such as: mochi, smile", object: "name=value name=value", none: "empty"};

/** @typedef {{name: string, element: any, show: (value: any) => void, focus: () => void}} Field ``show`` leaves what
 * is being typed as it is where that means the same */

/** What the form calls a setting. @param {any} setting */
export function labelText({label, name}) {
    const words = label || name.replaceAll("_", " ");
    return t(words[0].toUpperCase() + words.slice(1));
}

/** @param {any} setting @param {(value: any) => void} changed @param {() => void} back takes it back to the preset @returns {Field} */
export function fieldOf(setting, changed, back) {
    const {name} = setting,
        control = controlOf(setting, changed);
    const label = h("label", {for: `tt-input-${name}`}, labelText(setting));
    const way = h("button", {class: "tt-back", type: "button", hidden: true, click: back});
    const help = h("small", {id: `tt-help-${name}`}, t(setting.help.replaceAll("`", "")));
    const wrong = h("div", {class: "tt-problem", id: `tt-problem-${name}`});
    const unused = h("div", {class: "tt-unused", "data-of": name});
    const inside =
        setting.kind === "bool"
            ? [h("div", {class: "tt-check"}, control.element, label, way)]
            : [h("div", {class: "tt-label"}, label, way), control.element];
    const wide = control.isWide ? " tt-wide" : "";
    const element = h("div", {class: `tt-field${wide}`, id: `train_tools_${name}`}, inside, help, unused, wrong);
    return {name, element, show: control.show, focus: () => element.querySelector("input, select, textarea").focus()};
}

/** @typedef {{element: any, show: (value: any) => void, isWide?: boolean}} Control */

/** @param {any} setting @param {(value: any) => void} changed @returns {Control} */
function controlOf(setting, changed) {
    if (setting.kind === "bool") return checkbox(setting, changed);
    const known = setting.name === "preview_sampler" ? (state.host || {samplers: []}).samplers : setting.choices;
    if (known.length)
        return setting.kind === "list" ? severalOf(setting, known, changed) : oneOf(setting, known, changed);
    return written(setting, changed);
}

/** Attributes of the input itself. @param {any} setting */
const about = ({name}) => ({
    id: `tt-input-${name}`,
    "aria-describedby": `tt-help-${name} tt-problem-${name}`,
    "data-setting": name,
});

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

/** Text and numbers: what is typed stays as it was typed. @param {any} setting @param {(value: any) => void} changed @returns {Control} */
function written(setting, changed) {
    const isNumber = setting.kind === "int" || setting.kind === "float",
        isLong = setting.kind === "list" && setting.separator === "\n";
    const mayBeEmpty = setting.optional || setting.kind === "list",
        example = [setting.name, setting.kind, "none"].find((one) => one in EXAMPLES) || "";
    const facts = {
        ...about(setting),
        placeholder: example !== "none" || mayBeEmpty ? t(EXAMPLES[example]) : "",
        autocomplete: "off",
        spellcheck: "false",
        input: () => changed(box.value),
        keydown: isNumber ? onKey : null,
    };
    const box = isLong
        ? h("textarea", {...facts, rows: LINES})
        : h("input", {...facts, type: "text", inputmode: isNumber ? "decimal" : null});
    const slider = setting.slider && sliderOf(setting, changed);

    /** @param {KeyboardEvent} event */
    function onKey(event) {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        const next = stepped(box.value, event.key === "ArrowUp" ? 1 : -1, setting);
        if (next === null) return;
        event.preventDefault();
        changed(next);
    }

    /** @param {any} value */
    function show(value) {
        const text = textOf(setting, value);
        const means = isNumber && box.value.trim() !== "" && Number(box.value) === Number(text) && text !== "";
        if (box.value !== text && !means) box.value = text;
        if (slider && text !== "" && Number.isFinite(Number(text))) slider.value = text;
    }
    if (!slider) return {element: box, show, isWide: isLong};
    return {element: h("div", {class: "tt-slides"}, box, slider), show};
}

/** @param {any} setting @param {(value: any) => void} changed */
function sliderOf(setting, changed) {
    const [min, max, step] = setting.slider;
    const box = h("input", {type: "range", min, max, step, "aria-label": labelText(setting),
        "aria-describedby": `tt-help-${setting.name}`, input: () => changed(box.value)}); // prettier-ignore
    return box;
}
