// @ts-check
// How somebody likes to see captions of tags.

const KEPT = "train_tools_caption";

/** @typedef {"tags" | "text"} View */

/** @returns {View} tags unless somebody chose */
export function liked() {
    try {
        return localStorage.getItem(KEPT) === "text" ? "text" : "tags";
    } catch {
        return "tags"; // a private window keeps nothing
    }
}

/** Remember it for the next visit. @param {View} view */
export function like(view) {
    try {
        localStorage.setItem(KEPT, view);
    } catch {
        // as above
    }
}
