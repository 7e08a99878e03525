// @ts-check
// What the tools on LoRA files are called, and what each is for.

/** @type {Record<string, string>} */
export const TOOL_TITLES = {
    resize: "Resize",
};
/** @type {Record<string, string>} */
export const TOOL_ABOUTS = {
    resize: "Fewer ranks, so a smaller file: by rank, by quality, or to a size.",
};
/** @type {Record<string, string>} */
export const TOOL_WORKS = {
    resize: "Making a smaller file",
};
/** What the new file's name ends with. @type {Record<string, string>} */
export const TOOL_ENDS = Object.fromEntries([["resize", "small"]]);
