// @ts-check
// LoRA files on the server, and what is asked about them.
import {ask, below, query} from "./api.mjs";

/** @typedef {{file: string, name: string, group: string, where: string, bytes: number}} LoraFile */

/** @param {import("./state.mjs").Place} of the chosen version, whose files come first */
export const loraFiles = (of) => ask("GET", `tools/files?${query(of)}`);
/** @param {string} file */
export const inspectFile = (file) => ask("GET", `tools/inspect?${query({file})}`);
/** @param {string} file */
export const hashesOf = (file) => ask("GET", `tools/hashes?${query({file})}`);
/** Every tool with its settings. */
export const declaredTools = () => ask("GET", "tools");

/** @typedef {{files: string[], tool_settings: Record<string, any>, place: string, name: string, base?: string}} ToolWish */
/** @param {import("./state.mjs").Place} of @param {string} tool @param {ToolWish} wish */
export const carryOutTool = (of, tool, wish) => ask("POST", below(of, "tools", tool), wish);
/** The newest work of a tool in a version, or null. @param {import("./state.mjs").Place} of */
export async function newestToolWork(of) {
    const found = await ask("GET", below(of, "works")).catch(() => null);
    return ((found && found.works) || []).find((/** @type {any} */ one) => one.kind.startsWith("tool-")) || null;
}
/** @param {string} file */
export const normsOf = (file) => ask("GET", `tools/norms?${query({file})}`);
/** @param {string} file */
export const settingsLike = (file) => ask("GET", `tools/like?${query({file})}`);
