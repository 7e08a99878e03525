// @ts-check
// What is looked for in pictures: what OpenCV finds by itself, or what a detector's file finds.
import {h} from "./dom.mjs";
import {choiceElement, textElement} from "./labelled.mjs";
import {t} from "./words.mjs";

/** @typedef {{kind: string, path: string}} Detector ``path`` counts where the kind is "file" */

/** @type {Record<string, string>} */
const DETECTORS = {
    "": "What draws the eye",
    face: "Faces in photos",
    cat: "Cats",
    file: "What a detector's file finds",
};

/** @param {string} kind @returns {Detector} */
export const detectorOf = (kind) => ({kind, path: ""});

/** As requests have it. @param {Detector} detector */
export const detectorName = ({kind, path}) => (kind === "file" ? path.trim() : kind);

/** Whether it says all that it must. @param {Detector} detector */
export const isNamed = ({kind, path}) => kind !== "file" || path.trim() !== "";

/** @param {string} words @param {Detector} detector is changed here @param {string[]} kinds @param {() => void} changed */
export function detectorElement(words, detector, kinds, changed) {
    const path = textElement(t("Path of the detector (ONNX)"), detector.path, (value) => {
        detector.path = value;
        changed();
    });
    path.append(h("small", {}, t("YOLOv8's layout, such as those of anime faces; a path on the server.")));
    path.hidden = detector.kind !== "file";
    const choice = choiceElement(
        words,
        kinds.map((kind) => [kind, t(DETECTORS[kind])]),
        detector.kind,
        (kind) => {
            detector.kind = kind;
            path.hidden = kind !== "file";
            changed();
        },
    );
    return [choice, path];
}
