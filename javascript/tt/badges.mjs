// @ts-check
// What the doctor finds wrong with single pictures, as a sign on each.
import {wrongWith} from "./edits.mjs";
import {text} from "./formats.mjs";
import {here, on, samePlace} from "./state.mjs";
import {fill, sentence, t} from "./words.mjs";

/** @typedef {{code: string, severity: string, detail: string}} Wrong */

/** @type {Record<string, string>} what a finding's code means of one picture */
const MEANINGS = {
    unreadable: "cannot be read",
    unreadable_caption: "its caption cannot be read",
    class_is_training: "also a training picture",
    small: "smaller than the training size",
    duplicate: "the same picture is there twice",
    blurred: "blurred",
    near_duplicate: "nearly the same as another",
    no_caption: "without a caption",
    empty_caption: "its caption is empty",
    only_separators: "its caption is separators alone",
    json: "its caption is JSON",
    weights: "weights or networks in its caption",
    encoding: "its caption may be in another encoding",
    no_trigger: "without the trigger word",
    conflicting_tags: "tags that contradict each other",
    too_long: "its caption is cut off",
    cropped: "loses more than half to cropping",
    extreme_shape: "of an extreme shape",
    tag_twice: "a tag twice",
    transparent_border: "a transparent border",
    lonely_bucket: "few pictures in its bucket",
    transparent: "transparent",
    shared_caption: "shares its caption with another picture",
    rare_tag: "a tag that no other picture has",
    several_lines: "a caption of several lines",
    escapes: "escaped brackets in its caption",
    animated: "an animation",
    damaged: "damaged metadata",
};
const SEVERITIES_OF = ["error", "warning"]; // what is only good to know has no sign

/** @type {Map<number, Wrong[]>} */
let known = new Map();
/** @type {Set<number>} pictures that were asked for */
let asked = new Set();
let of = here();

/** @param {number} id */
export const wrongWithOne = (id) => known.get(id) || [];

on("examined", () => (asked = new Set()));

/** Ask about pictures of which nobody knows yet. @param {number[]} ids @returns {Promise<boolean>} whether something
 * else is known now */
export async function learn(ids) {
    if (!samePlace(of, here())) [known, asked, of] = [new Map(), new Set(), here()];
    const now = asked,
        new_ids = ids.filter((id) => !now.has(id));
    if (!new_ids.length || !of.version) return false;
    new_ids.forEach((id) => now.add(id));
    const found = await wrongWith(of, new_ids).catch(() => null);
    if (!found || found.error || now !== asked) return false;
    const before = JSON.stringify(new_ids.map(wrongWithOne));
    new_ids.forEach((id) => known.delete(id));
    for (const {id, findings} of found.pictures) known.set(id, findings);
    return JSON.stringify(new_ids.map(wrongWithOne)) !== before;
}

/** What is wrong, in words. @param {Wrong[]} wrong */
export function wrongText(wrong) {
    const one = (/** @type {Wrong} */ {code, detail, ...more}) => {
        const means = t(MEANINGS[code] || code),
            says = sentence({detail, ...more}, "detail");
        return says ? fill("{} ({})", means, says) : means;
    };
    return wrong.map(one).join("; ");
}

/** The HTML of a picture's sign; empty where nothing is wrong that matters. @param {Wrong[]} wrong the worst first */
export function signHtml(wrong) {
    if (!wrong.length || !SEVERITIES_OF.includes(wrong[0].severity)) return "";
    const says = text(wrongText(wrong));
    return `<span class="tt-wrong-one" data-severity="${wrong[0].severity}"><i class="tt-sign" role="img" aria-label="${says}" title="${says}"></i></span>`;
}
