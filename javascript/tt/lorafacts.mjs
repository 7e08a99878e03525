// @ts-check
// What is in a LoRA file, for people.
import {h} from "./dom.mjs";
import {size} from "./formats.mjs";
import {stemOf} from "./loratarget.mjs";
import {fill, listed, sentence, sentences, t, told} from "./words.mjs";

const TAGS = 12,
    LONG = 60, // letters that take a line of their own
    NAMED = 3;

/** Numbers with how many layers have each: "8 (192 layers), 4 (12 layers)". @param {Record<string, number>} counts */
export function countsText(counts) {
    const entries = Object.entries(counts).sort((one, other) => other[1] - one[1]),
        words = (/** @type {number} */ count) => fill(t(count === 1 ? "{} layer" : "{} layers"), count);
    if (entries.length === 1) return String(Number(entries[0][0]));
    return listed(entries.slice(0, 6).map(([number, count]) => `${Number(number)} (${words(count)})`)) + (entries.length > 6 ? " ..." : ""); // prettier-ignore
}

/** The file in one line. @param {any} facts */
export const headText = (facts) =>
    listed([
        fill(t("{} for {}"), sentence(facts, "kind"), sentence(facts, "base")),
        size(facts.bytes),
        facts.precision,
    ]);

/** What is unusual in it, a sentence each. @param {any} facts @returns {string[]} */
export function remarksOf(facts) {
    const few = (/** @type {string[]} */ names) => names.slice(0, NAMED).join(", ") + (names.length > NAMED ? " ..." : ""); // prettier-ignore
    const about = (/** @type {string} */ words, /** @type {string[]} */ names) => names.length ? [fill(t(words), names.length, few(names))] : []; // prettier-ignore
    return [
        ...sentences(facts, "read_otherwise"),
        ...about("{} layers are of another kind than most: {}", facts.strange),
        ...about("{} tensors belong to no layer: {}", facts.others),
        ...about("{} embeddings stand in the file: {}", facts.bundled),
    ];
}

/** @param {any} facts of a file */
export function factsElement(facts) {
    const parts = Object.entries(facts.modules).map(([part, count]) => told(t(part), String(count)));
    const tags = facts.tags.slice(0, TAGS).map((/** @type {[string, number]} */ [tag, count]) => `${tag} (${count})`);
    const rows = [
        [t("Trigger words"), facts.trigger || t("not known; try the most frequent tags"), Boolean(facts.trigger)],
        [t("Tag for prompts"), `<lora:${stemOf(facts.name)}:1>`, true],
        [t("Rank"), countsText(facts.dims) || t("none"), false],
        [t("Alpha"), countsText(facts.alphas) || t("none"), false],
        [t("Layers"), listed(parts), false],
        [t("Most frequent tags"), tags.join(", "), true],
        [t("Names of layers"), sentence(facts, "spelling"), false],
    ];
    const shown = rows.filter(([, value]) => value);
    const remarks = remarksOf(facts);
    return [
        h("p", {class: "tt-lora-head"}, h("b", {translate: "no"}, facts.name), h("span", {}, headText(facts))),
        remarks.length
            ? h(
                  "ul",
                  {class: "tt-remarks tt-lora-remarks"},
                  remarks.map((one) => h("li", {}, one)),
              )
            : null,
        h(
            "dl",
            {class: "tt-lora-facts"},
            shown.map(([name, value, own]) => rowElement(name, value, own)),
        ),
    ];
}

/** @param {any} name @param {any} value @param {any} own whether it is the file's own words */
const rowElement = (name, value, own) =>
    h("div", {class: value.length > LONG && "tt-wide"}, h("dt", {}, name), h("dd", {translate: own && "no"}, value));

/** Rows of hashes, as other places show their beginnings. @param {{sha256: string, webui: string}} hashes */
export const hashRows = ({sha256, webui}) => [
    rowElement("AutoV2 (SHA-256)", h("code", {title: sha256}, sha256.slice(0, 10)), true),
    rowElement("AutoV3", h("code", {title: webui}, webui.slice(0, 12)), true),
];

/** The settings that the file tells, folded. @param {any} facts */
export function settingsElement({settings}) {
    const names = Object.keys(settings);
    if (!names.length) return null;
    return h(
        "details",
        {class: "tt-lora-settings"},
        h("summary", {}, fill(t("Settings in its metadata ({})"), names.length)),
        h("dl", {class: "tt-lora-facts", translate: "no"}, names.map((name) => rowElement(name.replace(/^ss_/, ""), settings[name], true))), // prettier-ignore
    );
}
