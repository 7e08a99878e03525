// @ts-check
// Two versions side by side: which ones, and all that differs between them.
import {find, h} from "./dom.mjs";
import {showError} from "./messages.mjs";
import {opens} from "./places.mjs";
import * as api from "./records_api.mjs";
import {here, isPlace, samePlace, state} from "./state.mjs";
import {partsOf} from "./versusparts.mjs";
import {curvesElement, drawCurves} from "./versuscurve.mjs";
import {t} from "./words.mjs";

let asked = 0;
let shownOf = "";

export const versusElement = () =>
    h(
        "section",
        {class: "tt-group tt-versus", "aria-labelledby": "tt-versus-title"},
        h("h3", {id: "tt-versus-title"}, t("Compare with another version")),
        h(
            "form",
            {class: "tt-acts", submit: compare},
            h("select", {id: "tt-versus-with", "aria-label": t("Compare with another version"), translate: "no"}),
            h("button", {class: "tt-button tt-primary"}, t("Compare")),
        ),
        h("p", {class: "tt-versus-says tt-quiet", role: "status"}),
        h("div", {class: "tt-versus-found"}),
    );

/** @typedef {import("./state.mjs").Place} Place */

/** Versions beside the one that is shown, those of its project first. @returns {Place[]} */
function others() {
    const every = state.projects
        .filter(opens)
        .flatMap(({name, versions}) => versions.filter(opens).map((one) => ({project: name, version: one.name})));
    const rest = every.filter((one) => !samePlace(one, here()));
    return [...rest.filter(isNear), ...rest.filter((one) => !isNear(one))];
}

/** @param {Place} one */
const isNear = (one) => one.project === state.project;

/** Offer what there is to compare with; what is chosen stays. */
export function showOthers() {
    const select = find("#tt-versus-with"),
        chosen = select.value,
        found = others();
    const options = found.map((one) => {
        const words = isNear(one) ? one.version : `${one.project} / ${one.version}`;
        return h("option", {value: JSON.stringify(one)}, words);
    });
    select.replaceChildren(...options);
    if (found.some((one) => JSON.stringify(one) === chosen)) select.value = chosen;
    for (const one of [select, select.nextElementSibling]) one.disabled = !found.length || !isPlace();
    if (!found.length) say(t("There is no other version yet: copy this one, and change what you want to try."));
    else if (shownOf !== JSON.stringify(here())) say("");
    if (shownOf !== JSON.stringify(here())) find(".tt-versus-found").replaceChildren();
}

/** @param {string} words */
const say = (words) => (find(".tt-versus-says").textContent = words);

/** @param {Event} event */
async function compare(event) {
    event.preventDefault();
    const number = ++asked,
        of = here(),
        chosen = find("#tt-versus-with").value;
    if (!chosen) return;
    say(t("Comparing..."));
    const other = JSON.parse(chosen),
        found = await api.compare(of, other).catch(() => null);
    if (number !== asked || !samePlace(of, here())) return;
    say("");
    if (!found || found.error) {
        const {error} = found || {error: {message: t("No answer.")}};
        return showError({...error, cause: "act"});
    }
    shownOf = JSON.stringify(of);
    const chart = curvesElement();
    find(".tt-versus-found").replaceChildren(pageLinks(of, other), ...partsOf(found, chart));
    drawCurves(chart, found);
    find(".tt-versus-found h4").focus({preventScroll: true});
}

/** Ways to the comparison as one page, to keep or to send. @param {Place} of @param {Place} other */
const pageLinks = (of, other) =>
    h(
        "div",
        {class: "tt-acts"},
        h("a", {class: "tt-button", href: api.comparePageUrl(of, other, false), target: "_blank", rel: "noopener"}, t("Open as a page")), // prettier-ignore
        h("a", {class: "tt-button", href: api.comparePageUrl(of, other, true), download: true}, t("Save as a page")),
    );
