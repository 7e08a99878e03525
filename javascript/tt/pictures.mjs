// @ts-check
// The list of pictures follows the chosen version.
import * as api from "./api.mjs";
import {showCards} from "./cards.mjs";
import {find} from "./dom.mjs";
import {follow, leaveOther} from "./drawer.mjs";
import {headHtml, showTiles, tileHtml, wrongHtml} from "./gallery.mjs";
import {namesFile} from "./messages.mjs";
import {here, samePlace} from "./state.mjs";
import {followCaptions} from "./trigger.mjs";

const PART = 1000,
    AGAIN = 2000; // milliseconds after which is looked how far the server is with new pictures

let later = 0;

/** @param {import("./state.mjs").Place} of */
async function allOf(of) {
    const found = await api.pictures(of, 0, PART);
    while (!found.error && found.pictures.length < found.total) {
        const {pictures} = await api.pictures(of, found.pictures.length, PART);
        if (!pictures || !pictures.length) break;
        found.pictures.push(...pictures);
    }
    return found;
}

export async function showPictures() {
    const place = find(".tt-gallery"),
        of = here(),
        known = Boolean(of.project && of.version);
    if (!place) return;
    await leaveOther(of);
    const found = known ? await allOf(of).catch(() => null) : {};
    if (!found || !samePlace(of, here())) return; // without an answer they stay
    const listed = (found.pictures || []).filter((/** @type {any} */ one) => !one.problem),
        wrong = (found.problems || []).filter(namesFile),
        reg = listed.filter((/** @type {any} */ one) => one.reg).length;
    const counts = {count: listed.length - reg, reg, wrong: wrong.length};
    showTiles(place, headHtml(counts, known), [...wrong.map(wrongHtml), ...listed.map(tileHtml)]);
    follow(listed);
    followCaptions(listed);
    find("#train_tools_root").toggleAttribute("data-fresh", known && !listed.length && !wrong.length);
    showCards();
    clearTimeout(later);
    if (found.counts && found.counts.measured < found.counts.files) later = setTimeout(showPictures, AGAIN);
}
