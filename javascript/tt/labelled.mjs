// @ts-check
// Inputs with their labels above or beside them.
import {h} from "./dom.mjs";
import {t} from "./words.mjs";

/** What the form calls a setting. @param {any} setting */
export function labelText({label, name}) {
    const words = label || name.replaceAll("_", " ");
    return t(words[0].toUpperCase() + words.slice(1));
}

/** @param {string} words @param {string} now @param {(value: string) => void} taken @param {Record<string, any>} [facts] */
export const textElement = (words, now, taken, facts = {}) =>
    h(
        "label",
        {class: "tt-labelled"},
        h("span", {}, words),
        h("input", {
            type: "text",
            value: now,
            autocomplete: "off",
            spellcheck: "false",
            translate: "no",
            input: (/** @type {any} */ event) => taken(event.target.value),
            ...facts,
        }),
    );

/** @param {string} words @param {[string, string][]} options values with their words @param {string} now
 * @param {(value: string) => void} taken */
export const choiceElement = (words, options, now, taken) =>
    h(
        "label",
        {class: "tt-labelled"},
        h("span", {}, words),
        h(
            "select",
            {change: (/** @type {any} */ event) => taken(event.target.value)},
            options.map(([value, says]) => h("option", {value, selected: value === now, translate: says === value && "no"}, says)), // prettier-ignore
        ),
    );

/** @param {string} words @param {boolean} now @param {(value: boolean) => void} taken */
export const checkElement = (words, now, taken) =>
    h(
        "label",
        {class: "tt-check"},
        h("input", {
            type: "checkbox",
            checked: now,
            change: (/** @type {any} */ event) => taken(event.target.checked),
        }),
        h("span", {}, words),
    );

/** One of a few, as radio buttons that look like parts of one. @param {string} name of the group @param {string} words
 * @param {boolean} now @param {() => void} taken @param {boolean} [enabled] */
export const segmentElement = (name, words, now, taken, enabled = true) =>
    h(
        "label",
        {class: "tt-segment"},
        h("input", {type: "radio", name, checked: now, disabled: !enabled, change: taken}),
        h("span", {}, words),
    );
