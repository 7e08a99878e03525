// @ts-check
// The page of tools on LoRA files: a file is chosen, and shown.
import {find, h} from "./dom.mjs";
import {whyNot} from "./done.mjs";
import {factsElement, hashRows, settingsElement} from "./lorafacts.mjs";
import {declaredTools, hashesOf, inspectFile, loraFiles, normsOf} from "./lorafiles.mjs";
import {likeElement} from "./loralike.mjs";
import {normsElement} from "./loranorms.mjs";
import {LoraPick} from "./lorapick.mjs";
import {LoraTool} from "./loratool.mjs";
import {here, on, samePlace} from "./state.mjs";
import {t} from "./words.mjs";

let of = {project: "", version: ""}, // whose files came last
    now = ""; // the file that is shown
/** @type {any} */
let about = null;
/** @type {LoraPick} */
let pick;
/** @type {LoraTool | null} */
let tool = null;

export function loraElement() {
    pick = new LoraPick("", take);
    about = h("div", {class: "tt-lora-about", role: "status"});
    return h(
        "div",
        {class: "tt-lora"},
        h("section", {class: "tt-group", "aria-label": t("LoRA file")}, h("h2", {}, t("LoRA file")), pick.element, about),
        h("div", {class: "tt-lora-tools"}),
    ); // prettier-ignore
}

/** Whether somebody looks at the page. */
const isOpen = () => Boolean(about && about.offsetParent);

/** Somebody opens the page: it asks which files there are. */
export async function showLoras() {
    await drawTools();
    const place = here(),
        found = await loraFiles(place).catch(() => null);
    if (!found || found.error || !samePlace(place, here())) return;
    if (!samePlace(place, of)) {
        if (found.files.some(isHere)) pick.file = null; // the newest of the version comes instead
        tool?.recall();
    }
    of = place;
    pick.offer(found.files);
    tool?.extra.offer(found.files);
}

/** @param {import("./lorafiles.mjs").LoraFile} one */
const isHere = (one) => one.group === "version";

async function drawTools() {
    if (tool) return;
    const found = await declaredTools().catch(() => null);
    if (tool || !found || found.error) return;
    tool = new LoraTool(found, {made: showLoras, look: (file) => pick.choose(file)});
    find(".tt-lora-tools").replaceChildren(tool.element);
}

/** @param {string} file is chosen */
async function take(file) {
    now = file;
    tool?.take(file, "");
    if (!file)
        return about.replaceChildren(
            h("p", {class: "tt-fine"}, t("Train one, or write the path of a file: what is in it is shown here.")),
        );
    const found = await inspectFile(file).catch(() => null);
    if (file !== now) return;
    if (!found || found.error) return about.replaceChildren(h("p", {class: "tt-problem"}, whyNot(found)));
    tool?.take(file, found.base.toLowerCase());
    about.replaceChildren(...factsElement(found).filter(Boolean), settingsElement(found) || "", likeElement(file));
    const [hashes, norms] = await Promise.all([hashesOf(file), normsOf(file)]).catch(() => []);
    if (file !== now) return;
    if (hashes && !hashes.error) about.querySelector("dl").append(...hashRows(hashes));
    if (norms && norms.error) about.querySelector("dl").before(h("p", {class: "tt-problem"}, whyNot(norms)));
    else if (norms) about.querySelector("dl").after(normsElement(norms.blocks) || "");
}

for (const news of /** @type {const} */ (["place", "checkpoints"])) on(news, () => isOpen() && showLoras());
