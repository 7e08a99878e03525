// @ts-check
// What the tools on LoRA files are called, and what each is for.

/** @type {Record<string, string>} */
export const TOOL_TITLES = {
    resize: "Resize",
    blocks: "Block weights",
};
/** @type {Record<string, string>} */
export const TOOL_ABOUTS = {
    resize: "Fewer ranks, so a smaller file: by rank, by quality, or to a size.",
    blocks: "Some blocks stronger, weaker or off, for good: what a prompt's block weights do at each use.",
};
/** @type {Record<string, string>} */
export const TOOL_WORKS = {
    resize: "Making a smaller file",
    blocks: "Weighting the blocks",
};
/** What the new file's name ends with. @type {Map<string, string>} */
export const TOOL_ENDS = new Map([
    ["resize", "small"],
    ["blocks", "blocks"],
]);
