// @ts-check
// The pictures follow the chosen version, the filter and the order.
import {showCards} from "./cards.mjs";
import {find} from "./dom.mjs";
import {leaveOther} from "./drawer.mjs";
import {followMeasuring} from "./measuring.mjs";
import {headHtml} from "./gallery.mjs";
import {box, draw, range} from "./grid.mjs";
import {listing, renew} from "./listing.mjs";
import {followEdits} from "./selected.mjs";
import {here, on} from "./state.mjs";
import {followCaptions} from "./trigger.mjs";
import {sentence} from "./words.mjs";

const AGAIN = 2000; // milliseconds after which is looked how far the server is with new pictures
let later = 0;

export async function showPictures() {
    const of = here(),
        known = Boolean(of.project && of.version);
    if (!box()) return;
    await leaveOther(of);
    if (!(await renew(range().seen))) return; // without an answer they stay
    showWrong(listing.error);
    if (listing.error) return;
    const {counts, total} = listing.found;
    find(".tt-gallery .tt-count").innerHTML = headHtml(counts, total);
    find(".tt-gallery").toggleAttribute("data-empty", !counts || !counts.files);
    draw();
    followCaptions(listing.found);
    followEdits();
    followMeasuring(counts);
    find("#train_tools_root").toggleAttribute("data-fresh", known && Boolean(counts) && !counts.files);
    showCards();
    clearTimeout(later);
    if (counts && counts.measured < counts.files) later = setTimeout(showPictures, AGAIN);
}

/** What is wrong with the filter. @param {any} error */
function showWrong(error) {
    const place = find(".tt-filter-wrong"),
        [problem] = (error && error.problems) || [];
    place.textContent = error ? sentence(problem || error, problem ? "remedy" : "message") : "";
}

on("filter", () => {
    if (box()) box().scrollTop = 0;
    showPictures();
});
