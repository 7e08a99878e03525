// @ts-check
// What helps against findings where somebody has to look: pictures are cropped by hand, enlarged, laid on a color, tagged.
import {ask, below} from "./api.mjs";
import {openChanging} from "./changing.mjs";
import {openCrop} from "./crop.mjs";
import {filterBy} from "./scope.mjs";
import {here, tell} from "./state.mjs";

/** @type {Record<string, (finding: any) => any>} by name of the remedy */
export const BY_HAND = {
    enlarge: () => openChanging("enlarge", null, "filter"),
    background: () => openChanging("background", null, "filter"),
    crop: cropEach,
    tag: () => tell("tag"),
};

/** Show the pictures of a finding, and begin. @param {string} remedy of ``BY_HAND`` @param {any} finding */
export function help(remedy, finding) {
    filterBy(finding.filter);
    return BY_HAND[remedy](finding);
}

/** Whether what is shown are the pictures of a finding that is no more: then there are none. @param {any} before
 * @param {any} after what the doctor said @param {string} filter of now */
export function isMended(before, after, filter) {
    const has = (/** @type {any} */ found) =>
        Boolean(found?.findings?.some((/** @type {any} */ one) => one.filter === filter));
    return has(before) && Boolean(after.findings) && after.measured === after.files && !has(after);
}

/** The worst first. @param {any} finding */
async function cropEach({code}) {
    const found = await ask("GET", below(here(), "doctor", code)).catch(() => null),
        ids = ((found && found.pictures) || []).map((/** @type {any} */ one) => one.id);
    if (ids.length) await openCrop(ids[0], ids, true);
}
