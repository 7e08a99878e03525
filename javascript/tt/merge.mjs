// @ts-check
// Settings of a form that several windows change, one by one.
//
// Values are compared as a form shows them: a list like its text, and nothing like an empty text.

/** @typedef {Record<string, any>} Values */

/** @param {any} value */
const plain = (value) => (Array.isArray(value) ? value.join(", ") : value === null || value === undefined ? "" : value);

/** @param {any} one @param {any} other */
export const differs = (one, other) => plain(one) !== plain(other);

/** Names of what the form holds and the server was not sent. @param {Values} values @param {Values} sent @param {string[]} except */
export const unsent = (values, sent, except) =>
    Object.keys(values).filter((name) => differs(values[name], sent[name]) && !except.includes(name));

/** Names of what changed at the server and is not being changed here. @param {Values} now @param {Values} before @param {string[]} busy */
export const changedElsewhere = (now, before, busy) =>
    Object.keys(now).filter((name) => !busy.includes(name) && differs(now[name], before[name]));

/** @param {Values} values @param {string[]} names */
export const picked = (values, names) => Object.fromEntries(names.map((name) => [name, values[name]]));
