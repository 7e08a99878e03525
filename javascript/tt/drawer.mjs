// @ts-check
// The chosen picture, large, with its caption.
import * as api from "./api.mjs";
import {drawer, finish, notesHtml, saveLeaving, settle} from "./caption.mjs";
import {editing, openEditor} from "./captioning.mjs";
import {enter, find, within} from "./dom.mjs";
import {text} from "./formats.mjs";
import {thumbOf, tileOf} from "./gallery.mjs";
import {draw, marks} from "./grid.mjs";
import {listing} from "./listing.mjs";
import {showError} from "./messages.mjs";
import {here, samePlace, tell} from "./state.mjs";
import {overHtml, stripHtml} from "./strip.mjs";
import {t} from "./words.mjs";

let asked = 0;

/** The picture so many places behind another one. @param {number} id @param {number} by @returns {number | undefined} */
const neighbour = (id, by) => listing.ids[listing.ids.indexOf(id) + by];

/** @param {number | undefined} id @param {string} focus */
export async function openPicture(id, focus = ".tt-drawer") {
    const of = here(),
        number = ++asked;
    if (id === undefined || !(await finish())) return;
    const found = await api.picture(of, id).catch(() => null);
    if (!found || number !== asked || !(await finish())) return;
    showError(found.error || null);
    if (found.error) return tell("plan");
    const open = {...found, of},
        box = find(".tt-drawer");
    drawer.open = null; // a text that loses the keys as it goes is not saved as the next picture's
    box.hidden = false;
    box.setAttribute("aria-label", found.name);
    box.innerHTML = drawerHtml(open, neighbour(id, -1) !== undefined, neighbour(id, 1) !== undefined);
    openEditor(box.querySelector(".tt-caption"), found);
    drawer.open = open;
    if (focus === ".tt-caption") editing()?.focus();
    else enter(box, find(focus));
    marks.held = id;
    draw();
}

/** @param {any} p @param {boolean} before @param {boolean} after whether there are neighbours */
function drawerHtml(p, before, after) {
    const buttons =
        buttonHtml("-1", "‹", t("Previous picture"), before) +
        buttonHtml("1", "›", t("Next picture"), after) +
        buttonHtml("close", "×", t("Close"), true);
    const shape = `aspect-ratio:${p.width}/${p.height};width:min(100%,${((46 * p.width) / p.height).toFixed(2)}vh)`;
    const image = `<img alt="${text(p.name)}" src="${thumbOf(p, 1280)}">`;
    return (
        `<div class="tt-head"><h2 translate="no">${text(p.name)}</h2><span>${buttons}</span></div>` +
        `<div class="tt-whole"><div style="${shape}">${image}${overHtml(p)}${cropHtml(p.crop)}</div></div>` +
        stripHtml(p) +
        `<div class="tt-facts">${factsOf(p)
            .map((fact) => `<span>${fact}</span>`)
            .join("")}</div>` +
        `<ul class="tt-hints">${notesHtml(p)}</ul>` +
        `<section class="tt-caption" aria-label="${t("Caption")}"></section>` +
        `<div class="tt-saved" role="status" aria-live="polite"></div>` +
        `<div class="tt-fine">${t("Saves itself. Keys: ← and → for the neighbours, in the caption Page Up and Page Down; Ctrl+C and Ctrl+V copy its tags to others.")}</div>`
    );
}

/** @param {string} what @param {string} sign @param {string} name @param {boolean} enabled */
const buttonHtml = (what, sign, name, enabled) =>
    `<button class="tt-turn" data-drawer="${what}" aria-label="${name}" title="${name}"${enabled ? "" : " disabled"}>${sign}</button>`;

/** @param {any} p */
function factsOf(p) {
    const bucket = `${t("bucket")} ${p.bucket.join(" × ")}`,
        repeats = `${t("repeats")} ${p.repeats}`;
    return [`${p.width} × ${p.height}`, bucket, repeats, p.reg ? t("regularisation") : "", text(p.folder)].filter(
        Boolean,
    );
}

/** The frame around what is trained. @param {number[] | null} crop left, top, width, height as shares of the picture */
function cropHtml(crop) {
    if (!crop || (crop[2] >= 0.995 && crop[3] >= 0.995)) return "";
    const [left, top, width, height] = crop.map((share) => `${(100 * share).toFixed(2)}%`);
    const place = `left:${left};top:${top};width:${width};height:${height}`;
    return `<div class="tt-crop" title="${t("What lies outside of the frame is cut off.")}" style="${place}"></div>`;
}

/** Close the drawer if its picture is of another version. @param {import("./state.mjs").Place} of */
export async function leaveOther(of) {
    if (drawer.open && !samePlace(drawer.open.of, of)) await close();
}

async function close() {
    if (!drawer.open || !(await finish())) return;
    const {id} = drawer.open;
    find(".tt-drawer").hidden = true;
    drawer.open = null;
    draw();
    tileOf(id)?.focus();
}

/** @param {number} by @param {string} [focus] */
async function turn(by, focus) {
    if (drawer.open) await openPicture(neighbour(drawer.open.id, by), focus);
}

document.addEventListener("click", (event) => {
    const target = within(event, ":is([data-picture], [data-drawer])");
    if (!target || target.disabled) return;
    const what = target.dataset.drawer;
    if (what === "close") close();
    else if (what === "mine" || what === "theirs") settle(what === "mine");
    else if (what) turn(Number(what));
    else openPicture(Number(target.dataset.picture));
});

document.addEventListener(
    "keydown",
    (event) => {
        if (!within(event, ".tt-pictures") || within(event, ".tt-menu")) return;
        const target = /** @type {HTMLElement} */ (event.target),
            writing = target.closest(".tt-caption"),
            by = {[writing ? "PageUp" : "ArrowLeft"]: -1, [writing ? "PageDown" : "ArrowRight"]: 1}[event.key];
        if (event.key === "Escape" && isOwn(target)) return; // which stops it
        if (by && drawer.open && (writing || !target.matches("input, select"))) {
            event.preventDefault();
            turn(by, writing ? ".tt-caption" : ".tt-drawer");
        } else if (event.key === "Enter" && writing && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            finish();
        } else if (event.key === "Escape" && drawer.open) {
            event.stopPropagation(); // to the WebUI this key means Interrupt
            if (writing)
                find(".tt-drawer").focus(); // which saves
            else close();
        }
    },
    true,
);

/** Whether an input has its own use for Escape: a list that is open, a tag that is written anew. @param {Element} input */
const isOwn = (input) => input.matches('.tt-anew, [aria-expanded="true"]');

document.addEventListener("focusout", (event) => {
    const next = /** @type {any} */ (event.relatedTarget);
    if (within(event, ".tt-caption") && !(next && next.closest(".tt-caption"))) finish();
});
window.addEventListener("pagehide", saveLeaving);
