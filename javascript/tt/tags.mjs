// @ts-check
// How tags look: a button with the number of pictures, and one for a menu.
import {text} from "./formats.mjs";
import {asTerm, has} from "./terms.mjs";
import {fill, listed, t} from "./words.mjs";

/** @param {any} found @param {string} filter */
export function headText({total, once, pictures}, filter) {
    const where = fill(t(filter ? "in the pictures that are shown: {}" : "in all pictures: {}"), pictures);
    return listed([`${total}`, where, once ? fill(t("in one picture alone: {}"), once) : ""].filter(Boolean));
}

/** @param {{tag: string, pictures: number, used: boolean}[]} tags @param {string} filter */
export const tagsHtml = (tags, filter) =>
    tags
        .map(({tag, pictures, used}) => {
            const name = text(tag),
                unused = used ? "" : ` title="${t("Left out of the training by the settings")}"`;
            return (
                `<span class="tt-tagged${used ? "" : " tt-unused-tag"}"${unused}>` +
                `<button type="button" class="tt-chip" data-tag="${name}" tabindex="-1" aria-pressed="${has(filter, asTerm(tag))}">` +
                `<span translate="no">${name}</span> <b>${pictures}</b></button>` +
                `<button type="button" class="tt-chip" translate="no" data-menu="${name}" tabindex="-1" aria-haspopup="menu" aria-expanded="false"` +
                ` aria-label="${fill(t("Edit {}"), name)}">⋮</button></span>`
            );
        })
        .join("");
