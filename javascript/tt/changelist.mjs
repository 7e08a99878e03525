// @ts-check
// What pictures may become, as a list to choose from.
import {CHANGES} from "./changes.mjs";
import {h} from "./dom.mjs";
import {icon} from "./icons.mjs";
import {t} from "./words.mjs";

/** @type {Record<string, string>} */
export const CHANGE_TITLES = {
    enlarge: "Enlarge",
    crop: "Crop automatically",
    split: "Head, upper body, whole",
    mirror: "Mirror",
    rotate: "Rotate",
    pad: "Pad to the training size",
    background: "Background",
    reduce: "Smaller copies",
    person: "Recipe: person and head",
    multiply: "Recipe: few become many",
    mask: "Masks",
};
/** @type {Record<string, string>} */
const CHANGE_REASONS = {
    enlarge: "Smaller ones are learned blurred. Pictures that are large enough stay as they are.",
    crop: "Each face, cat, or whatever draws the eye becomes a picture of its own.",
    split: "Three pictures of each person, by the face: near, half and whole.",
    mirror: "Left and right exchanged: twice the pictures of what is alike on both sides.",
    rotate: "For pictures that lie on their side.",
    pad: "The whole picture in the training proportions, so that its bucket cuts nothing off.",
    background:
        "A color instead of what is transparent; or of all around the subject, which rembg cuts out where it is installed.",
    reduce: "Copies with fewer pixels, so that the subject is learned small too.",
    person: "For photos of a person: the whole person becomes a regularisation picture, the head a training picture.",
    multiply: "For a few drawings, such as 5 to 20: crops nearer and nearer, enlarged and mirrored.",
    mask: "Only what a mask leaves clear is learned. To paint one, open a picture.",
};

/** Why somebody would do that. @param {string} action */
export const reasonOf = (action) => t(CHANGE_REASONS[action]);

/** @param {string} now @param {(action: string) => void} taken */
export const changeList = (now, taken) =>
    h(
        "fieldset",
        {class: "tt-change-list"},
        h("legend", {}, t("What becomes of them")),
        Object.keys(CHANGES).map((action) =>
            h(
                "label",
                {class: "tt-change-one"},
                h("input", {type: "radio", name: "tt-change", value: action, checked: action === now, change: () => taken(action)}), // prettier-ignore
                h("span", {}, icon(action), t(CHANGE_TITLES[action])),
            ),
        ),
    );
