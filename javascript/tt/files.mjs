// @ts-check
// Files that are dropped or chosen, whole folders too.

/** @typedef {{path: string, file: File | null}} Found where it lies in its folder; no file where it is left out */
/** @typedef {{path: string, file: {size: number}}} Sent */

const PART_FILES = 40,
    PART_BYTES = 64 * 2 ** 20;

/** @param {string} path */
export const hidden = (path) =>
    path.split("/").some((part) => part.startsWith(".") || part.toLowerCase() === "__macosx");

/** @param {string} path @param {string} accept endings, such as ".png,.txt" */
export const isTaken = (path, accept) =>
    !hidden(path) && accept.split(",").some((ending) => path.toLowerCase().endsWith(ending));

/** What was dropped: files, and everything in folders.
 * @param {DataTransfer} transfer @param {string} accept @returns {Promise<Found[]>} */
export async function dropped(transfer, accept) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => ({file, path: file.name}));
    return (await Promise.all(entries.map((entry) => inside(entry, accept)))).flat();
}

/** @param {any} entry @param {string} accept @returns {Promise<Found[]>} */
async function inside(entry, accept) {
    const path = entry.fullPath.replace(/^\/+/, "");
    if (entry.isFile)
        return [{path, file: isTaken(path, accept) ? await read((...ways) => entry.file(...ways)) : null}];
    if (hidden(path)) return [{path, file: null}];
    const entries = [],
        reader = entry.createReader();
    for (;;) {
        // a reader gives a hundred at a time
        const some = await read((...ways) => reader.readEntries(...ways));
        if (!some.length) break;
        entries.push(...some);
    }
    const files = [];
    for (const one of entries) files.push(...(await inside(one, accept)));
    return files;
}

/** @param {(done: (value: any) => void, failed: (why: any) => void) => void} reading @returns {Promise<any>} */
const read = (reading) => new Promise(reading);

/**
 * Pieces in which files are sent: a picture and its captions are in the same.
 * @template {Sent} File
 * @param {File[]} sent
 * @returns {File[][]}
 */
export function partsOf(sent) {
    const stem = (/** @type {Sent} */ one) => one.path.replace(/\.[^./]*$/, "");
    /** @type {File[][]} */
    const parts = [];
    let bytes = 0,
        before = "";
    for (const one of [...sent].sort((a, b) => (stem(a) < stem(b) ? -1 : 1))) {
        const part = parts[parts.length - 1],
            full = part && (part.length >= PART_FILES || bytes + one.file.size > PART_BYTES);
        if (!part || (full && stem(one) !== before)) {
            parts.push([one]);
            bytes = 0;
        } else part.push(one);
        bytes += one.file.size;
        before = stem(one);
    }
    return parts;
}
