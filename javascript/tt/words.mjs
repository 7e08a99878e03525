// @ts-check
// Words in the language of the page.

const PREFIX = "Train Tools: "; // other files of the language translate short words too, in another sense
const LANGUAGES = [/** @type {const} */ (["zh", "zh_CN"]), /** @type {const} */ (["ja", "ja_JP"])];
/** @type {Record<string, string>} what a WebUI would have loaded */
let dictionary = {};

/** Load the words of the browser's first language, where no WebUI has chosen one. */
export async function loadWords() {
    if (typeof getTranslation === "function") return;
    const found = LANGUAGES.find(([start]) => (navigator.language || "").toLowerCase().startsWith(start));
    if (!found) return;
    const answer = await fetch(`./train-tools/localizations/${found[1]}.json`).catch(() => null);
    if (!answer || !answer.ok) return;
    dictionary = await answer.json();
    document.documentElement.lang = found[1].replace("_", "-");
}

/** @param {string} key */
const translation = (key) => (typeof getTranslation === "function" ? getTranslation(key) : dictionary[key]);

/**
 * The translation of English words; the words themselves where there is none.
 * @param {string} words
 * @returns {string}
 */
export const t = (words) => translation(PREFIX + words) || words;

/**
 * A sentence of the server: its English template, which is the key of its translations, and the values of its {places}.
 * @typedef {{template: string, values: Record<string, string | Text>}} Text
 */

/**
 * A sentence of the server in the language of the page.
 * @param {string | Text} text
 * @returns {string}
 */
export function say(text) {
    if (typeof text === "string") return text;
    const {template, values} = text;
    return t(template).replace(/\{(\w+)\}/g, (place, name) => (name in values ? say(values[name]) : place));
}

/**
 * The sentence that an answer has under a name, worded by the template that stands beside it.
 * @param {Record<string, any>} owner
 * @param {string} name
 * @returns {string}
 */
export const sentence = (owner, name) => (owner[`${name}_text`] ? say(owner[`${name}_text`]) : owner[name]);

/**
 * The same of a list of sentences.
 * @param {Record<string, any>} owner
 * @param {string} name
 * @returns {string[]}
 */
export const sentences = (owner, name) =>
    owner[name].map((/** @type {string} */ words, /** @type {number} */ place) =>
        say((owner[`${name}_text`] || [])[place] || words),
    );

/**
 * Puts values into the places that a translated sentence has for them, in order.
 * @param {string} words a sentence with "{}" for each value
 * @param {...(string | number)} values
 */
export const fill = (words, ...values) =>
    values.reduce((/** @type {string} */ filled, value) => filled.replace("{}", () => `${value}`), words);

/** Words of the page one after the other, as the language writes them. @param {string[]} parts */
export const listed = (parts) => parts.join(t("{}, {}").slice(2, -2));

/** What something is, or says. @param {string} name @param {string} words */
export const told = (name, words) => `${name}${t("{}: {}").slice(2, -2)}${words}`;
