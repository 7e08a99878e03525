// @ts-check
// Pictures and captions are sent in parts, with where they lie in their folder.
import * as api from "./api.mjs";
import {begin, nameOfFolder} from "./begin.mjs";
import {find} from "./dom.mjs";
import {isTaken, partsOf} from "./files.mjs";
import {showError} from "./messages.mjs";
import {here, isPlace, state, tell} from "./state.mjs";
import {fill, sentences, t} from "./words.mjs";

/** @typedef {import("./state.mjs").Place} Place */

const LISTED = 10;
/** @type {Record<string, string>} */
const TOLD = {
    kept: "{} added",
    same: "{} were there already",
    renamed: "{} got a number: others had their names",
    captioned: "{} captions made from prompts",
    left_out: "{} left out: hidden, or neither picture nor caption",
};

export const ACCEPTED = ".png,.jpg,.jpeg,.webp,.bmp,.avif,.tif,.tiff,.gif,.jfif,.heic,.heif,.jxl,.zip,.txt,.caption";

/** @typedef {{repeats: number, name?: string, captions_from_prompts?: boolean}} Set what files from no set's folder become */

/** @param {any[]} part @param {Place} of @param {Record<string, any>} facts */
async function send(part, of, facts) {
    const form = new FormData();
    for (const {file, path} of part) {
        form.append("files", file);
        form.append("paths", path);
    }
    for (const [name, value] of Object.entries(facts)) form.append(name, `${value}`);
    const cut = t("The upload was cut off; drop the files again.");
    return (await api.upload(of, form)) || {error: {message: cut, problems: []}};
}

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
    const all = {kept: 0, same: 0, renamed: 0, left_out: out, captioned: 0, refused: /** @type {string[]} */ ([])};
    const failed = sent.length ? await sendAll(of, sent, set, all) : null;
    sayTaken(all, failed);
}

/** Say what came in. @param {any} all counts, and sentences about those that were refused @param {any} [failed] */
export function sayTaken(all, failed) {
    find(".tt-taken").textContent = countsText(all);
    showError(failed || (all.refused.length ? {message: short(all.refused), problems: []} : null));
    if (isPlace()) tell("plan");
}

/** @param {Place} of @param {any[]} sent @param {Set} set @param {any} all what came of them
 * @returns {Promise<any>} the error that ended it */
async function sendAll(of, sent, set, all) {
    let done = 0,
        edit = 0;
    for (const part of partsOf(sent)) {
        showProgress(done, sent.length);
        const found = await send(part, of, {...set, edit});
        if (found.error) {
            showProgress(0, 0);
            return found.error;
        }
        for (const name of Object.keys(TOLD)) all[name] += found[name];
        all.refused.push(...sentences(found, "refused"));
        done += part.length;
        edit = found.edit || edit;
    }
    showProgress(0, 0);
    return null;
}

/** @param {number} done @param {number} total 0 when it is over */
function showProgress(done, total) {
    const title = find(".tt-drop b"),
        bar = find(".tt-drop progress");
    const usual = (title.dataset.said = title.dataset.said || title.textContent);
    title.textContent = total ? `${t("Uploading")} ${done} / ${total}...` : usual;
    bar.hidden = !total;
    if (done) Object.assign(bar, {max: total, value: done});
    else bar.removeAttribute("value"); // it moves, and tells no share
}

/** @param {Record<string, any>} all */
const countsText = (all) =>
    Object.keys(TOLD)
        .filter((name) => all[name])
        .map((name) => fill(t(TOLD[name]), all[name]))
        .join(", ");

/** @param {string[]} lines */
function short(lines) {
    if (lines.length <= LISTED) return lines.join("\n");
    return [...lines.slice(0, LISTED), fill(t("and {} more"), lines.length - LISTED)].join("\n");
}
