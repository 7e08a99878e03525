// @ts-check
// How far the server is with looking at pictures that are new to it.
import {Line, lineOf} from "./lasting.mjs";
import {t} from "./words.mjs";

const MANY = 50; // fewer are looked at in no time

/** How far the server is with new pictures. @param {{measured: number, files: number} | null} counts */
export function followMeasuring(counts) {
    const left = counts ? counts.files - counts.measured : 0,
        line = lineOf("measuring");
    if (!left || !counts || (!line && left < MANY)) return line?.remove();
    (line || new Line("measuring")).show(t("Looking at the pictures"), counts.measured, counts.files);
}
