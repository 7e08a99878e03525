// @ts-check
// What is done to the open picture by the buttons below it.
import {picture, pictures} from "./api.mjs";
import {drawer} from "./caption.mjs";
import {CHANGE_TITLES} from "./changelist.mjs";
import {openChanging} from "./changing.mjs";
import {openCrop} from "./crop.mjs";
import {find, within} from "./dom.mjs";
import {sayDone} from "./done.mjs";
import {openPicture} from "./drawer.mjs";
import {listing} from "./listing.mjs";
import {openMask} from "./mask.mjs";
import {openMenu} from "./menu.mjs";
import {carryOut} from "./running.mjs";
import {on} from "./state.mjs";
import {overHtml} from "./strip.mjs";
import {t} from "./words.mjs";

/** @type {Record<string, {action: string, wish: Record<string, any>}>} done by one click */
const AT_ONCE = {
    left: {action: "rotate", wish: {degrees: 270, take_out: true}},
    rotate: {action: "rotate", wish: {degrees: 90, take_out: true}},
    mirror: {action: "mirror", wish: {}},
};
const MORE = ["enlarge", "pad", "background", "split", "crop", "reduce", "multiply", "person"];
/** @type {Map<number, number>} pictures that took the place of others, which come back by Undo */
const instead = new Map();

/** @param {HTMLButtonElement} button @param {any} p */
async function atOnce(button, p) {
    const {action, wish} = AT_ONCE[/** @type {string} */ (button.dataset.retouch)];
    button.disabled = true;
    const found = await carryOut(action, {...wish, ids: [p.id]});
    button.disabled = false;
    if (found && found.number && wish.take_out && drawer.open === p) await follow(p, found.examples[0]);
    sayDone(find(".tt-retouched"), found);
}

/** Open what took a picture's place. @param {any} p @param {string} name of the new one's file */
async function follow(p, name) {
    const found = await pictures(p.of, {filter: `name:"${name}"`, limit: 1}).catch(() => null),
        [one] = (found && found.pictures) || [];
    if (!one) return;
    instead.set(one.id, p.id);
    await openPicture(one.id);
}

/** @param {HTMLButtonElement} button @param {any} p */
const openMore = (button, p) =>
    openMenu(
        button,
        t("More that can be made of it"),
        MORE.map((action) => ({words: t(CHANGE_TITLES[action]), does: () => openChanging(action, p)})),
    );

document.addEventListener("click", (event) => {
    const button = within(event, "[data-retouch]"),
        p = drawer.open;
    if (!button || !p) return;
    const what = button.dataset.retouch;
    if (what === "crop") openCrop(p.id, listing.ids);
    else if (what === "mask") openMask(p.id, listing.ids);
    else if (what === "more") openMore(button, p);
    else atOnce(button, p);
});

/** The mask may be another one, or the picture gone. */
on("edited", async () => {
    const p = drawer.open,
        found = p && (await picture(p.of, p.id).catch(() => null));
    if (!found || drawer.open !== p) return;
    if (found.error) {
        const before = instead.get(p.id);
        if (before !== undefined) await openPicture(before);
        else if (found.error.code === "unusable_project") find('[data-drawer="close"]').click(); // there is none any more
        return;
    }
    p.masked = found.masked;
    const over = find(".tt-drawer .tt-mask-over");
    if (over) over.remove();
    find(".tt-drawer .tt-whole img").insertAdjacentHTML("afterend", overHtml(p));
    find('[data-retouch="mask"]').toggleAttribute("data-on", p.masked);
});
