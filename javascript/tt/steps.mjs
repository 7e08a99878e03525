// @ts-check
// Steps of a batch edit, as somebody fills them in and as requests tell them.

/** @typedef {{do: string, tags: string, last: boolean, find: string, to: string, how: string, ignoreCase: boolean, by: string, underscores: string, case: string, of: string}} Step
 * everything that was filled in, also what another kind of step would take */

/** @returns {Step} */
export const emptyStep = (kind = "add") => ({
    do: kind,
    tags: "",
    last: false,
    find: "",
    to: "",
    how: "tag",
    ignoreCase: false,
    by: "frequency",
    underscores: "spaces",
    case: "lower",
    of: "，、；;|",
});

/** @param {string} text tags between commas */
export const listOf = (text) =>
    text
        .split(/[,，、]/)
        .map((tag) => tag.trim())
        .filter(Boolean);

/** @type {Record<string, (step: Step) => Record<string, any>>} what each takes */
const TAKEN = {
    add: (step) => ({tags: listOf(step.tags), last: step.last}),
    remove: (step) => ({tags: listOf(step.tags)}),
    front: (step) => ({tags: listOf(step.tags)}),
    replace: (step) => ({
        find: step.find,
        to: step.to,
        text: step.how === "text" || step.how === "text-regex",
        regex: step.how === "tag-regex" || step.how === "text-regex",
        ...(step.how === "tag" ? {} : {ignore_case: step.ignoreCase}),
    }),
    sort: (step) => ({by: step.by}),
    dedupe: () => ({}),
    underscores: (step) => ({to: step.underscores}),
    case: (step) => ({to: step.case}),
    separators: (step) => ({of: step.of}),
};

/** Names of all kinds, in the order in which they are offered. */
export const KINDS = Object.keys(TAKEN);

/** As a request tells it. @param {Step} step */
export const bodyOf = (step) => ({do: step.do, ...TAKEN[step.do](step)});

/** Whether enough is filled in. @param {Step} step */
export function isReady(step) {
    const taken = TAKEN[step.do](step);
    return !("tags" in taken && !taken.tags.length) && taken.find !== "" && taken.of !== "";
}
