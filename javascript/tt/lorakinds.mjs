// @ts-check
// What the tools on LoRA files are called, and what each is for.

/** @type {Record<string, string>} */
export const TOOL_TITLES = {
    resize: "Resize",
    blocks: "Block weights",
    merge: "Merge",
    extract: "Extract",
    convert: "Convert",
};
/** @type {Record<string, string>} */
export const TOOL_ABOUTS = {
    resize: "Fewer ranks, so a smaller file: by rank, by quality, or to a size.",
    blocks: "Some blocks stronger, weaker or off, for good: what a prompt's block weights do at each use.",
    merge: "Several LoRAs as one, each with its weight; or put into a copy of a checkpoint.",
    extract: "The difference of two checkpoints as a LoRA. The file above does not count.",
    convert: "The same network with another precision, other names of layers, trigger words or picture.",
};
/** @type {Record<string, string>} */
export const TOOL_WORKS = {
    resize: "Making a smaller file",
    blocks: "Weighting the blocks",
    merge: "Merging",
    extract: "Extracting the difference",
    convert: "Converting",
};
/** What the new file's name ends with. @type {Map<string, string>} */
export const TOOL_ENDS = new Map([
    ["resize", "small"],
    ["blocks", "blocks"],
    ["merge", "merged"],
    ["extract", "lora"],
    ["convert", "converted"],
]);
