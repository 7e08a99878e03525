// @ts-check
// Inputs of settings that are typed: text, numbers, lists, with sliders where people slide.
import {Blocks, rowOf} from "./blocks.mjs";
import {h} from "./dom.mjs";
import {labelText} from "./labelled.mjs";
import {valueOf} from "./settings.mjs";
import {state} from "./state.mjs";
import {stepped, textOf} from "./values.mjs";
import {t} from "./words.mjs";

const LINES = 3;
/** @type {Record<string, string>} what to write where nothing stands yet */
const EXAMPLES = {preview_prompts: "such as: mochi, smile", object: "name=value name=value", none: "empty"};

/** @typedef {{element: any, show: (value: any) => void, isWide?: boolean}} Control */

/** Attributes of the input itself. @param {any} setting */
export const about = ({name, id = name}) => ({
    id: `tt-input-${id}`,
    "aria-describedby": `tt-help-${id} tt-problem-${id}`,
    "data-setting": id,
});

/** Text and numbers: what is typed stays as it was typed. @param {any} setting @param {(value: any) => void} changed @returns {Control} */
export function written(setting, changed) {
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
    if (setting.blocks) return withBlocks(setting, box, show, changed);
    if (!slider) return {element: box, show, isWide: isLong};
    return {element: h("div", {class: "tt-slides"}, box, slider), show};
}

/** A list of blocks, with its sliders. @param {any} setting @param {any} box @param {(value: any) => void} show
 * @param {(value: any) => void} changed @returns {Control} */
function withBlocks(setting, box, show, changed) {
    const row = new Blocks(
        labelText(setting),
        () => rowOf(setting.blocks, setting.family ? setting.family() : state.family, valueOf),
        changed,
    );
    const both = (/** @type {any} */ value) => {
        show(value);
        row.show(textOf(setting, value));
    };
    return {element: h("div", {class: "tt-blocks-of"}, box, row.element), show: both, isWide: true};
}

/** @param {any} setting @param {(value: any) => void} changed */
function sliderOf(setting, changed) {
    const [min, max, step] = setting.slider;
    const box = h("input", {type: "range", min, max, step, "aria-label": labelText(setting),
        "aria-describedby": `tt-help-${setting.id || setting.name}`, input: () => changed(box.value)}); // prettier-ignore
    return box;
}
