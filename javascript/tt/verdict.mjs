// @ts-check
// What the doctor found, in one line.
import {fill, listed, t} from "./words.mjs";

/** How many of each kind. @param {any[]} findings */
export function sumText(findings) {
    const count = (/** @type {string} */ severity) => findings.filter((one) => one.severity === severity).length;
    const [errors, warnings, notes] = [count("error"), count("warning"), count("note")];
    const counts = [
        errors ? fill(t(errors === 1 ? "{} error" : "{} errors"), errors) : "",
        warnings ? fill(t(warnings === 1 ? "{} warning" : "{} warnings"), warnings) : "",
        notes ? fill(t(notes === 1 ? "{} note" : "{} notes"), notes) : "",
    ];
    return listed(counts.filter(Boolean));
}

/** One line where nothing is wrong; until all pictures were looked at nobody knows. @param {any} found */
export const wellText = ({findings, files, measured, left_out: out = 0}) =>
    findings.length || measured < files || files === out
        ? ""
        : `✓ ${fill(t("Nothing is wrong with these pictures: {}"), files - out)}`;
