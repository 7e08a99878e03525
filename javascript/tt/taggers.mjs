// @ts-check
// Which taggers there are, what those lack that cannot be used, and which ones can be fetched.
import {h} from "./dom.mjs";
import {size} from "./formats.mjs";
import {state} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

const MB = 1e6;
/** @type {Record<string, string>} as their makers call them */
const TAGGER_KINDS = {wd: "WD", cl: "cl_tagger", joytag: "JoyTag"};

/** @typedef {{tagger: string, model: string, title: string, about: string, missing: string, makes: string, usual: number}} One */

/** Taggers to choose from: those that were found, then those of the host.
 * @param {any} found what the server has told @returns {One[]} */
export const listOf = (found) => [
    ...found.found.map((/** @type {any} */ one) => ({
        tagger: one.kind,
        model: one.model,
        title: one.name,
        about: `${TAGGER_KINDS[one.kind]}, ${one.model}`,
        missing: sentence(one, "missing"),
        makes: "tags",
        usual: one.usual_threshold,
    })),
    ...found.host.map((/** @type {any} */ one) => ({
        tagger: one.name,
        model: "",
        title: one.title,
        about: one.makes === "sentence" ? t("of the WebUI; writes a sentence") : t("of the WebUI"),
        missing: sentence(one, "missing"),
        makes: one.makes,
        usual: 0.5,
    })),
];

/** The one that was taken last where it can still be used, else the first that can.
 * @param {One[]} list @param {Record<string, any>} before @returns {One | null} */
export function chosenOf(list, before) {
    const usable = list.filter((one) => !one.missing);
    return usable.find((one) => one.tagger === before.tagger && one.model === before.model) || usable[0] || null;
}

/** @param {One[]} list @param {One | null} now @param {(one: One) => void} taken */
export const choicesElement = (list, now, taken) =>
    h(
        "fieldset",
        {class: "tt-taggers"},
        h("legend", {}, t("Tagger")),
        list.map((one) =>
            h(
                "label",
                {class: `tt-tagger${one.missing ? " tt-lacks" : ""}`, title: one.model},
                h("input", {type: "radio", name: "tt-tagger", checked: one === now, disabled: Boolean(one.missing), change: () => taken(one)}), // prettier-ignore
                h(
                    "span",
                    {class: "tt-words"},
                    h("b", {translate: "no"}, one.title),
                    h("span", {class: "tt-fine"}, one.missing || one.about),
                ),
            ),
        ),
        !list.length && h("p", {class: "tt-fine"}, t("No tagger was found. Fetch one below, or name the folder that yours lies in.")), // prettier-ignore
    );

/**
 * Taggers to fetch, and the folder that they go into.
 * @param {any} found what the server has told
 * @param {{folder: string, isOpen: boolean, look: (folder: string) => void, fetch: (name: string) => void,
 * stop: () => void}} acts ``isOpen`` whether it was unfolded before
 * @returns {{element: any, show: (job: any, name: string) => void}} ``show`` tells how far a fetch is
 */
export function fetchElement(found, {folder, isOpen, look, fetch, stop}) {
    const there = new Set(found.found.map((/** @type {any} */ one) => one.name));
    const rows = found.published.map((/** @type {any} */ one) => rowElement(one, there.has(one.name), fetch));
    const going = goingElement(stop),
        element = fetchBox(found, {folder, isOpen, look}, going, rows);
    return {element, show: (job, name) => showGoing(element, going, job, name)};
}

/** How far a fetch is. @param {() => void} stop */
const goingElement = (stop) =>
    h(
        "div",
        {class: "tt-line-of", hidden: true},
        h("span", {role: "status"}),
        h("progress", {"aria-label": t("Fetching a tagger")}),
        h("button", {class: "tt-button", type: "button", click: stop}, t("Cancel")),
    );

/** @param {any} element @param {any} going @param {any} job null where nothing is fetched @param {string} name */
function showGoing(element, going, job, name) {
    going.hidden = !job;
    for (const button of element.querySelectorAll("[data-fetch]")) button.disabled = Boolean(job);
    if (!job) return;
    const [words, bar] = going.children,
        {work_done: done, work_total: total} = job,
        says = name ? fill(t("Fetching {}"), name) : t("Fetching a tagger");
    if (words.textContent !== says) words.textContent = says;
    Object.assign(bar, {max: total || 1, value: done || 0});
    bar.title = total ? `${size(done)} / ${size(total)}` : "";
    bar.setAttribute("aria-valuetext", bar.title);
}

/** @param {any} found @param {{folder: string, isOpen: boolean, look: (folder: string) => void}} acts @param {any} going @param {any[]} rows */
function fetchBox(found, {folder, isOpen, look}, going, rows) {
    const box = h("input", {type: "text", value: folder, placeholder: found.folder, "aria-label": t("Folder of taggers"), autocomplete: "off", spellcheck: "false"}); // prettier-ignore
    const lookNow = () => look(box.value.trim());
    box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter") return;
        event.preventDefault(); // or it would begin to tag
        lookNow();
    });
    const place = h(
        "div",
        {},
        h("span", {class: "tt-fine"}, t("Folder that taggers are looked for in, and fetched to:")),
        h("span", {class: "tt-line-form"}, box, h("button", {class: "tt-button", type: "button", click: lookNow}, t("Look there"))), // prettier-ignore
    );
    return h(
        "details",
        {class: "tt-fetch", open: isOpen || !listOf(found).some((one) => !one.missing)},
        h("summary", {}, t("Get a tagger")),
        state.host?.folders_may_be_chosen && place,
        going,
        h("ul", {}, rows),
    );
}

/** @param {any} one a published tagger @param {boolean} isThere @param {(name: string) => void} fetch */
function rowElement(one, isThere, fetch) {
    const about = h("span", {translate: one.about_text ? null : "no"}, sentence(one, "about"));
    const files = one.files.map((/** @type {any} */ file) => h("a", {href: file.url, target: "_blank", rel: "noreferrer", translate: "no"}, file.name)); // prettier-ignore
    const button = h("button", {class: "tt-button", type: "button", "data-fetch": one.name, "aria-label": fill(t("Fetch {}"), one.name), click: () => fetch(one.name)}, t("Fetch")); // prettier-ignore
    return h(
        "li",
        {},
        h(
            "span",
            {class: "tt-words"},
            h("b", {translate: "no"}, one.name),
            h("span", {class: "tt-fine"}, h("span", {translate: "no"}, `${TAGGER_KINDS[one.kind]}, `), about, `, ${size(one.megabytes * MB)}`), // prettier-ignore
            h("span", {class: "tt-fine tt-files-of"}, `${t("Files:")} `, files.map((/** @type {any} */ file, /** @type {number} */ i) => [i > 0 && ", ", file])), // prettier-ignore
        ),
        isThere ? h("span", {class: "tt-fine"}, `✓ ${t("there")}`) : button,
    );
}
