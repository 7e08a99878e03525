// @ts-check
// Sets as bars: how much of an epoch each gets. Text and HTML alone.
import {text} from "./formats.mjs";
import {asTerm} from "./terms.mjs";
import {fill, listed, t} from "./words.mjs";

/** @typedef {import("./setlist.mjs").Set} Set */

/** How a filter names a set's pictures. @param {Set} set */
export const termOf = ({folder, reg}) => `folder:${asTerm(folder)}${reg ? " is:reg" : ""}`;

/** A share in words: no set has none. @param {number} share 0 to 1 */
export const percent = (share) => (share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`);

/** What a set is called where there may be one of the other kind of the same name. @param {Set} set */
export const titleOf = ({folder, reg}) => (reg ? `${folder} (${t("regularisation")})` : folder);

/** @param {{uses: number, sets: Set[]}} found */
export const headText = ({uses, sets}) =>
    sets.length === 1 ? fill(t("Pictures in an epoch: {}"), uses) : fill(t("{} sets; pictures in an epoch: {}"), sets.length, uses); // prettier-ignore

/** @param {Set[]} sets @param {string} filter of now */
export const barsHtml = (sets, filter) => sets.map((set) => barHtml(set, filter === termOf(set))).join("");

/** @param {Set} set @param {boolean} shown whether its pictures alone are */
function barHtml(set, shown) {
    const {folder, name, reg, pictures, repeats, uses, share, trigger} = set,
        says = fill(t("{} of an epoch"), percent(share)),
        count = fill(t(pictures === 1 ? "{} picture" : "{} pictures"), pictures);
    const word = reg ? t("regularisation") : trigger && trigger !== name ? fill(t("trigger word {}"), trigger) : "";
    return (
        `<li class="tt-set" data-folder="${text(folder)}" data-reg="${reg}">` +
        `<button class="tt-set-name" data-set="filter" aria-pressed="${shown}" title="${t("Show these pictures")}">` +
        `<b translate="no">${text(name || folder)}</b>${word ? ` <i${reg ? "" : ' translate="no"'}>${text(word)}</i>` : ""}</button>` +
        `<label class="tt-set-repeats">× <input type="number" min="1" max="10000" value="${repeats}" ` +
        `aria-label="${text(fill(t("Repeats of {}"), name || folder))}"></label>` +
        `<span class="tt-set-bar" role="img" aria-label="${text(says)}" title="${text(says)}" ` +
        `style="--share:${(100 * share).toFixed(2)}%"></span>` +
        `<span class="tt-set-figures"><b>${percent(share)}</b> ${listed([count, fill(t("{} in an epoch"), uses)])}</span>` +
        `<span class="tt-set-more"><button class="tt-tool" data-set="menu" aria-haspopup="menu" aria-expanded="false" ` +
        `aria-label="${text(fill(t("Change {}"), titleOf(set)))}">⋯</button></span></li>`
    );
}

/** The set that something wants: an existing one of these, or null. @param {Set[]} sets @param {string} folder
 * @param {boolean} reg */
export const setOf = (sets, folder, reg) => sets.find((one) => one.folder === folder && one.reg === reg) || null;

/** Repeats and name of what somebody writes: "5_hat", or a name with the usual repeats. @param {string} words
 * @param {number} usual */
export function targetOf(words, usual) {
    const found = /^(\d{1,5})_(.+)$/.exec(words.trim());
    return found ? {name: found[2].trim(), repeats: Number(found[1])} : {name: words.trim(), repeats: usual};
}

/** What would be made, in words. @param {any} found */
export function wouldText({missing, pictures, folder, sizes}) {
    if (!missing) return fill(t("All {} are there already; ask for more, or begin with another seed."), pictures);
    const says = fill(t(missing === 1 ? "Makes {} picture in {}" : "Makes {} pictures in {}"), missing, folder),
        there = pictures - missing ? ` (${fill(t("{} are there already"), pictures - missing)})` : "";
    const parts = sizes.map((/** @type {any} */ one) =>
        sizes.length > 1 ? `${one.width} × ${one.height} (${one.pictures})` : `${one.width} × ${one.height}`,
    );
    return `${says}${there}: ${parts.slice(0, 4).join(", ")}${parts.length > 4 ? ", ..." : ""}`;
}

/** @param {{seed: number, prompt: string}[]} examples */
export const promptsHtml = (examples) =>
    examples.map(({seed, prompt}) => `<li><i>${seed}</i> <span translate="no">${text(prompt)}</span></li>`).join("");
