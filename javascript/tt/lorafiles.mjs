// @ts-check
// LoRA files on the server, and what is asked about them.
import {ask, query} from "./api.mjs";

/** @typedef {{file: string, name: string, group: string, where: string, bytes: number}} LoraFile */

/** @param {import("./state.mjs").Place} of the chosen version, whose files come first */
export const loraFiles = (of) => ask("GET", `tools/files?${query(of)}`);
/** @param {string} file */
export const inspectFile = (file) => ask("GET", `tools/inspect?${query({file})}`);
/** @param {string} file */
export const hashesOf = (file) => ask("GET", `tools/hashes?${query({file})}`);
