// @ts-check
// Pictures and captions are sent in parts, with where they lie in their folder.
import {begin, nameOfFolder} from "./begin.mjs";
import {find} from "./dom.mjs";
import {isTaken} from "./files.mjs";
import {showError} from "./messages.mjs";
import {sendFiles} from "./sending.mjs";
import {here, isPlace, state, tell} from "./state.mjs";
import {t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */

export const ACCEPTED = ".png,.jpg,.jpeg,.webp,.bmp,.avif,.tif,.tiff,.gif,.jfif,.heic,.heif,.jxl,.zip,.txt,.caption";

/** @typedef {{repeats: number, name?: string, captions_from_prompts?: boolean}} Set what files from no set's folder become */

/** Add files to the chosen version; where there is no project, one is made for them.
 * @param {import("./files.mjs").Found[]} files */
export async function upload(files) {
    const sent = /** @type {any[]} */ (files.filter((one) => one.file && isTaken(one.path, ACCEPTED)));
    const out = files.length - sent.length;
    const suggested = nameOfFolder(sent.map((one) => one.path));
    if (!state.project && sent.length && !(await begin({suggested}))) return;
    if (state.project && !isPlace()) {
        const message = t("Make a version first: press + beside Version.");
        return showError({message, problems: [], cause: "project"});
    }
    await uploadInto(here(), sent, {repeats: (find(".tt-repeats") || {value: "10"}).value}, out);
}

/** Send files, and say what came of them. @param {Place} of @param {any[]} sent @param {Set} set
 * @param {number} [out] so many were left out before */
export async function uploadInto(of, sent, set, out = 0) {
    const failed = await sendFiles(of, sent, set, out);
    showError(failed);
    if (failed) tell("plan");
}
