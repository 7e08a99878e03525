// @ts-check
// Words in the language of the page.

const PREFIX = "Train Tools: "; // other files of the language translate short words too, in another sense

/**
 * The translation of English words; the words themselves where there is none.
 * @param {string} words
 * @returns {string}
 */
export function t(words) {
    return (typeof getTranslation === "function" && getTranslation(PREFIX + words)) || words;
}

/**
 * Puts values into the places that a translated sentence has for them, in order.
 * @param {string} words a sentence with "{}" for each value
 * @param {...(string | number)} values
 */
export const fill = (words, ...values) =>
    values.reduce((/** @type {string} */ filled, value) => filled.replace("{}", () => `${value}`), words);
