// @ts-check
// Groups of settings, as people think of them: those that are often changed in sight, others folded.
import {h} from "./dom.mjs";
import {t} from "./words.mjs";

const OPEN = ["Network", "Rates and length", "Saving and previews"]; // their basic settings are always in sight
/** @type {Record<string, string>} parts of a heading that has too many settings for one list, by their group */
const PARTS = {
    noise: "Noise",
    timesteps: "Timesteps",
    weights: "Weights in the loss",
    shape: "Shape of the loss",
    masks: "Masks",
    preservation: "Prior preservation",
};

/** What a setting stands under within its heading; empty where that has no parts. @param {any} setting */
export const partOf = ({group}) => (PARTS[group] ? t(PARTS[group]) : "");

/** @param {string} heading @param {any[]} settings under it @param {(setting: any) => any} made makes the field of one */
export function groupElement(heading, settings, made) {
    const basic = settings.filter((one) => one.level === "basic"),
        rest = settings.filter((one) => one.level !== "basic");
    const id = `train_tools_group_${heading.toLowerCase().replaceAll(" ", "_")}`;
    const grid = (/** @type {any[]} */ some) => h("div", {class: "tt-fields"}, some.map(made));
    if (!OPEN.includes(heading))
        return h("details", {class: "tt-group", id}, h("summary", {}, t(heading)), partsOf([...basic, ...rest], grid));
    const more = rest.length && h("details", {id}, h("summary", {}, t("More")), grid(rest));
    return h("section", {class: "tt-group", "aria-label": t(heading)}, h("h2", {}, t(heading)), grid(basic), more);
}

/** One list, or a fold for each part. @param {any[]} settings @param {(some: any[]) => any} grid */
function partsOf(settings, grid) {
    const parts = [...new Set(settings.map(partOf))];
    return parts.map((part) => {
        const fields = grid(settings.filter((one) => partOf(one) === part));
        return part ? h("details", {}, h("summary", {}, part), fields) : fields;
    });
}
