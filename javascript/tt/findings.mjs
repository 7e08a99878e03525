// @ts-check
// What is wrong with the pictures: the worst first, each with a click that shows its pictures, and with what helps.
import {doneElement, holdUndo, sayDone, unsay} from "./done.mjs";
import {fillWith, find, h, isVisible} from "./dom.mjs";
import * as edits from "./edits.mjs";
import {text} from "./formats.mjs";
import {BY_HAND, help, isMended} from "./remedies.mjs";
import {filterBy} from "./scope.mjs";
import {here, isPlace, on, samePlace, state, tell} from "./state.mjs";
import {isTold} from "./trigger.mjs";
import {fill, sentence, t} from "./words.mjs";
import {sumText, wellText} from "./verdict.mjs";
import {renewPlan} from "./worst.mjs";

const MOST = 5,
    AGAIN_MS = 1500; // until it is asked again how far the server is
/** @type {Record<string, string>} */
const SEVERITIES = {error: "Error", warning: "Warning", note: "Note"};
/** @type {Record<string, string>} what helps, of what is done here */
const REMEDIES = {
    take_out: "Take them out",
    dedupe: "Remove the doubles",
    add_trigger: "Put it first",
    plain: "Write them plainly",
    recode: "Read them anew",
    enlarge: "Enlarge them",
    crop: "Crop by hand",
    background: "Lay them on a color",
    tag: "Tag them",
};
/** @type {Record<string, string>} of findings that say it otherwise */
const TWICE = {duplicate: "Keep the sharpest of each", near_duplicate: "Keep the sharpest of each"};

let asked = 0,
    later = 0,
    showsAll = false,
    of = here(),
    /** @type {any} */
    known = null;

export const findingsElement = () =>
    h(
        "section",
        {class: "tt-findings", "aria-label": t("What the doctor found"), hidden: true, click: onClick},
        h(
            "details",
            {class: "tt-fold", open: true},
            h("summary", {}, h("h2", {}, t("Doctor")), " ", h("span", {class: "tt-sum"})),
            h("ul", {class: "tt-found"}),
        ),
        h("div", {class: "tt-fine tt-well", role: "status"}),
        doneElement(),
    );

/** Ask what is wrong now. */
export async function showFindings() {
    const box = find(".tt-findings");
    if (!box || !isVisible()) return;
    clearTimeout(later);
    const number = ++asked,
        place = here(),
        found = isPlace() ? await edits.findings(place).catch(() => null) : {findings: [], files: 0, measured: 0};
    if (!found || number !== asked) return;
    if (!samePlace(of, place)) unsay(box.querySelector(".tt-done"));
    if (isMended(known, found, state.filter)) filterBy("");
    [known, of] = [found.error ? null : found, place];
    show();
    tell("examined");
    if (known && known.measured < known.files) later = window.setTimeout(showFindings, AGAIN_MS);
    else if (known) renewPlan(of, known.findings);
}

on("planned", showFindings);
on("bare", show);
on("filter", () => setTimeout(show)); // when everybody has heard of it

function show() {
    const box = find(".tt-findings");
    box.hidden = !known || !known.files;
    if (box.hidden) return;
    const findings = known.findings.filter((/** @type {any} */ one) => one.code !== "no_caption" || !isTold());
    box.querySelector("details").hidden = !findings.length;
    box.querySelector(".tt-sum").textContent = sumText(findings);
    fillWith(box.querySelector(".tt-found"), listHtml(findings, state.filter, showsAll));
    const says = wellText(known),
        well = box.querySelector(".tt-well");
    if (well.textContent !== says) well.textContent = says;
    well.hidden = !says;
    box.hidden = !findings.length && !says && !box.querySelector(".tt-done").hasChildNodes();
}

/** @param {any[]} findings @param {string} filter of now @param {boolean} all */
export function listHtml(findings, filter, all) {
    const more = findings.length - MOST,
        items = (all ? findings : findings.slice(0, MOST)).map((one) => itemHtml(one, filter));
    const words = all ? t("Show the worst alone") : fill(t("Show {} more"), more);
    return items.join("") + (more > 0 ? `<li><button class="tt-link" data-all="${!all}">${words}</button></li>` : "");
}

/** @param {any} finding @param {string} filter of now */
function itemHtml(finding, filter) {
    const {code, severity} = finding,
        says = text(sentence(finding, "text"));
    const line = finding.filter
        ? `<button class="tt-show" data-find="${text(finding.filter)}" aria-pressed="${finding.filter === filter}"` +
          ` title="${t("Show these pictures")}">${says}</button>`
        : `<span class="tt-show">${says}</span>`;
    const helps = finding.remedies.filter((/** @type {string} */ one) => REMEDIES[one]);
    const acts = helps.map(
        (/** @type {string} */ one) =>
            `<button class="tt-button" data-code="${code}" data-remedy="${one}">${TWICE[code] ? t(TWICE[code]) : t(REMEDIES[one])}</button>`,
    );
    const sign = `<i class="tt-sign" role="img" aria-label="${t(SEVERITIES[severity])}" title="${t(SEVERITIES[severity])}"></i>`;
    return `<li data-severity="${severity}">${sign}${line}<span class="tt-acts">${acts.join("")}</span></li>`;
}

/** @param {any} event */
async function onClick(event) {
    const button = event.target.closest("button"),
        {find: wanted, all, code, remedy} = button ? button.dataset : {},
        isIts = (/** @type {any} */ one) => one.code === code;
    if (all) {
        showsAll = all === "true";
        show();
        find(".tt-found [data-all]").focus();
    } else if (wanted) filterBy(state.filter === wanted ? "" : wanted);
    else if (remedy in BY_HAND) help(remedy, known.findings.find(isIts));
    else if (remedy) {
        button.disabled = true;
        const box = find(".tt-findings .tt-done");
        if (sayDone(box, await edits.treat(of, code, remedy).catch(() => null))) holdUndo(box);
        button.disabled = false;
    }
}
