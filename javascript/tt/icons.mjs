// @ts-check
// Small drawings of what may become of a picture, in the colour of the text.

/** @type {Record<string, string>} each 20 by 20 */
const PATHS = {
    crop: "M5 1.500v13.500h13.500M1.500 5H15v13.500",
    mask: "M2.500 2.500h15v15h-15zM2.500 12c4-5 6 3 9 0s3-6 6-5",
    left: "M6.500 3.500L3 7l3.500 3.500M3 7h8a5 5 0 0 1 0 10H8",
    rotate: "M13.500 3.500L17 7l-3.500 3.500M17 7H9a5 5 0 0 0 0 10h3",
    mirror: "M10 2v16M7.500 5.500L2 15h5.500zM12.500 5.500L18 15h-5.500z",
    enlarge: "M2.500 10.500h7v7h-7zM12 8l5.500-5.500M12.500 2.500h5v5M5.500 7.500v-5h4M12.500 17.500h5v-5",
    split: "M2.500 2.500h15v15h-15zM2.500 8h15M10 8v9.500",
    pad: "M2.500 2.500h15v15h-15zM6.500 6.500h7v7h-7z",
    background: "M2.500 2.500h15v15h-15zM2.500 17.500l15-15M2.500 10l7.500-7.500M10 17.500l7.500-7.500",
    reduce: "M2.500 2.500h15v15h-15zM2.500 11.500h6v6M17 3l-5.500 5.500M15.500 8.500h-4v-4",
    person: "M10 9a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3.500 18c.5-4.500 3-6.500 6.500-6.500s6 2 6.500 6.500",
    multiply: "M2.500 2.500h6v6h-6zM11.500 2.500h6v6h-6zM2.500 11.500h6v6h-6zM11.500 11.500h6v6h-6z",
    more: "M4 10a1 1 0 1 0 2 0a1 1 0 1 0-2 0M9 10a1 1 0 1 0 2 0a1 1 0 1 0-2 0M14 10a1 1 0 1 0 2 0a1 1 0 1 0-2 0",
};

/** @param {string} name of the drawing */
export const iconHtml = (name) =>
    `<svg class="tt-icon" viewBox="0 0 20 20" aria-hidden="true"><path d="${PATHS[name]}"/></svg>`;

/** @param {string} name of the drawing @returns {Element} */
export function icon(name) {
    const shell = document.createElement("template");
    shell.innerHTML = iconHtml(name);
    return /** @type {Element} */ (shell.content.firstElementChild);
}
