// @ts-check
// The list of pictures follows the chosen version.
import {call, query} from "./api.mjs";
import {find} from "./dom.mjs";
import {follow, leaveOther} from "./drawer.mjs";
import {headHtml, showTiles, tileHtml, wrongHtml} from "./gallery.mjs";
import {namesFile} from "./messages.mjs";
import {here, samePlace} from "./state.mjs";

export async function showPictures() {
    const place = find(".tt-gallery"),
        of = here(),
        known = Boolean(of.project && of.version);
    if (!place) return;
    await leaveOther(of);
    const found = known ? await call(`pictures?${query(of)}`) : {};
    if (!samePlace(of, here())) return;
    const listed = found.pictures || [],
        wrong = (found.problems || []).filter(namesFile);
    showTiles(place, headHtml(listed.length, wrong.length, known), [...wrong.map(wrongHtml), ...listed.map(tileHtml)]);
    follow(listed);
}
