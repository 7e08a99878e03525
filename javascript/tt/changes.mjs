// @ts-check
// What pictures may become, and how requests tell it. Nothing here is drawn.
import {detectorName, detectorOf, isNamed} from "./detector.mjs";

/** @typedef {ReturnType<typeof emptyWish>} Wish what is filled in; which of it counts depends on ``action`` */
/** @typedef {"detector" | "share" | "margin" | "held" | "parts" | "degrees" | "factor" | "smaller" | "upscaler" | "cutOut" | "cutFile" | "clear" | "color" | "folder" | "count" | "mask"} Part */

/**
 * Each with what is filled in, the detectors that it takes, the tags that captions may be told, and whether originals are
 * taken out where nobody says otherwise; null asks nobody.
 * @type {Record<string, {parts: Part[], finds?: string[], tags?: string, takesOut: boolean | null}>}
 */
export const CHANGES = {
    enlarge: {parts: ["factor", "upscaler"], takesOut: true},
    crop: {parts: ["detector", "share", "margin", "held"], finds: ["", "face", "cat", "file"], tags: "cropped", takesOut: false}, // prettier-ignore
    split: {parts: ["parts", "detector", "held"], finds: ["face", "file"], tags: "portrait, upper body, full body", takesOut: false}, // prettier-ignore
    mirror: {parts: [], tags: "mirrored", takesOut: false},
    rotate: {parts: ["degrees"], takesOut: true},
    pad: {parts: ["color"], takesOut: true},
    background: {parts: ["cutOut", "cutFile", "clear", "color"], takesOut: true},
    reduce: {parts: ["smaller"], takesOut: null},
    person: {parts: ["detector", "folder", "upscaler"], finds: ["face", "file"], tags: "portrait, full body", takesOut: true}, // prettier-ignore
    multiply: {parts: ["count", "detector", "upscaler"], finds: ["", "face", "cat", "file"], tags: "upper body, close-up", takesOut: null}, // prettier-ignore
    mask: {parts: ["mask", "detector", "margin"], finds: ["face", "cat", "file"], takesOut: null},
};

export const emptyWish = () => ({
    action: "enlarge",
    detector: detectorOf("face"),
    share: 0.7,
    margin: 0.1,
    held: true,
    parts: ["head", "upper", "whole"],
    degrees: 90,
    factor: "",
    smaller: 0.5,
    upscaler: "",
    cutOut: "",
    cutFile: "",
    clear: false,
    color: "#ffffff",
    folder: "person",
    count: 20,
    mask: "alpha",
    tagged: false,
    tags: "",
    takeOut: true,
});

/** With another action, and what is usual for it. @param {Wish} wish @param {string} action */
export function choose(wish, action) {
    const {finds, takesOut} = CHANGES[action];
    Object.assign(wish, {action, takeOut: Boolean(takesOut)});
    if (finds) wish.detector.kind = finds[0];
}

/** What of it is asked for now. @param {Wish} wish @returns {Part[]} */
export function partsOf({action, detector, mask, cutOut, clear}) {
    const {parts} = CHANGES[action],
        hidden = new Set();
    if (action === "background") hidden.add(cutOut ? clear && "color" : "clear").add(cutOut !== "file" && "cutFile");
    if (action === "crop") hidden.add(detector.kind ? "share" : "margin");
    if (action === "mask" && mask !== "detector") hidden.add("detector").add("margin");
    return parts.filter((part) => !hidden.has(part));
}

/** Whether it says all that it must. @param {Wish} wish */
export function isReady(wish) {
    const parts = partsOf(wish);
    if (parts.includes("detector") && !isNamed(wish.detector)) return false;
    if (parts.includes("cutFile") && !wish.cutFile.trim()) return false;
    if (parts.includes("parts") && !wish.parts.length) return false;
    if (parts.includes("folder") && !wish.folder.trim()) return false;
    return !parts.includes("count") || wish.count > 0;
}

/** The part of the path that names it, and what is sent. @param {Wish} wish @returns {[string, Record<string, any>]} */
export function requestOf(wish) {
    const {action, mask, factor} = wish,
        parts = partsOf(wish),
        /** @type {Record<Part, () => Record<string, any>>} */
        values = {
            detector: () => ({detector: detectorName(wish.detector)}),
            share: () => ({share: wish.share}),
            margin: () => ({margin: wish.margin}),
            held: () => ({held: wish.held}),
            parts: () => ({parts: wish.parts}),
            degrees: () => ({degrees: wish.degrees}),
            factor: () => ({factor: factor === "" ? null : Number(factor)}),
            smaller: () => ({factor: wish.smaller}),
            upscaler: () => ({upscaler: wish.upscaler}),
            cutOut: () => ({cut_out: wish.cutOut}),
            cutFile: () => ({cut_out: wish.cutFile.trim()}),
            clear: () => (wish.clear ? {color: "transparent"} : {}),
            color: () => ({color: wish.color}),
            folder: () => ({name: wish.folder.trim()}),
            count: () => ({count: wish.count}),
            mask: () => ({source: mask}),
        },
        told = Object.assign({}, ...parts.map((part) => values[part]()));
    if (action === "mask") return ["masks", told];
    const tags = wish.tags.split(/[,、，]/).map((tag) => tag.trim()).filter(Boolean); // prettier-ignore
    return [action, {...told, tagged: Boolean(CHANGES[action].tags) && wish.tagged, tags, take_out: CHANGES[action].takesOut !== null && wish.takeOut}]; // prettier-ignore
}
