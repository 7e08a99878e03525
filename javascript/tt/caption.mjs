// @ts-check
// The caption of the open picture saves itself; what somebody else wrote meanwhile is not written over.
import {picture, writeCaption, writeCaptionLeaving} from "./api.mjs";
import {fillWith, find} from "./dom.mjs";
import {text} from "./formats.mjs";
import {here, on, tell} from "./state.mjs";
import {fill, sentence, sentences, t} from "./words.mjs";

/** @type {{open: any}} what the server told of the open picture, ``of`` which version, and what became of it since */
export const drawer = {open: null};

on("renamed", () => {
    if (drawer.open) drawer.open.of = here();
});

/** A caption as its file holds it. @param {string} caption */
const tidy = (caption) => caption.replace(/\r\n?/g, "\n").trim();

const SOON_MS = 1500; // after the last change by mouse
let soon = 0;

const box = () => find(".tt-caption textarea");
const changed = () => drawer.open && box() && tidy(box().value) !== drawer.open.caption;

/** An edit of many captions is seen in the open one too, unless somebody writes in it. */
on("edited", async () => {
    const now = drawer.open,
        found = now && !changed() && (await picture(now.of, now.id).catch(() => null));
    if (!found || found.error || drawer.open !== now || changed()) return;
    const isOther = found.caption !== now.caption;
    note(now, found, found.caption);
    if (isOther) put(found.caption);
});

/** What is to be said of an open picture; list items. @param {any} p */
export const notesHtml = (p) =>
    sentences(p, "notes")
        .map((one) => `<li>${text(one)}</li>`)
        .join("");

/** A caption is in its file. @param {any} now @param {any} found with the notes on it @param {string} caption */
function note(now, found, caption) {
    Object.assign(now, {caption, notes: found.notes, notes_text: found.notes_text});
    if (drawer.open === now) fillWith(find(".tt-hints"), notesHtml(now));
}

/** Show another caption. @param {string} caption */
function put(caption) {
    box().value = caption;
    box().dispatchEvent(new Event("tt-put"));
}

/** @param {any} now */
const written = (now) => ({replaces: now.caption, caption: box().value});

/** Save what was typed, a tag that was not yet added too. @returns {Promise<boolean>} see ``save`` */
export function finish() {
    box()?.dispatchEvent(new Event("tt-flush"));
    return save();
}

/** Save when nothing more happens. */
export function saveSoon() {
    clearTimeout(soon);
    soon = window.setTimeout(save, SOON_MS);
}

/** Save what was written. @returns {Promise<boolean>} whether nothing is left to be written */
export async function save() {
    const now = drawer.open;
    clearTimeout(soon);
    if (!changed()) return true;
    if (now.conflict !== undefined) return false;
    if (now.saving) {
        await now.saving;
        return save();
    }
    say(t("Saving..."));
    const sent = tidy(box().value);
    now.saving = writeCaption(now.of, now.id, written(now)).catch(unanswered);
    const found = await now.saving;
    now.saving = null;
    if (found.error) return refused(now, found.error);
    note(now, found, sent);
    if (drawer.open === now) say(fill(t("Saved in {}"), text(found.caption_file)));
    tell("plan");
    return drawer.open !== now || save();
}

const unanswered = () => ({
    error: {message: t("No answer. The text stays here; press Ctrl+Enter to try again.")},
});

/** Send what was written while the page is being left. */
export function saveLeaving() {
    const now = drawer.open;
    box()?.dispatchEvent(new Event("tt-flush"));
    if (changed() && now.conflict === undefined) writeCaptionLeaving(now.of, now.id, written(now));
}

/** What was done with the caption. @param {string} html @param {boolean} wrong */
export function say(html, wrong = false) {
    const place = find(".tt-drawer .tt-saved");
    if (!place) return;
    place.innerHTML = html;
    place.classList.toggle("tt-refused", wrong);
}

/** @param {any} now @param {any} error */
function refused(now, error) {
    if (error.present === undefined) {
        say(text(sentence(error, "message")), true);
        return false;
    }
    now.conflict = error.present;
    const why = `<b>${t("Somebody else changed this caption meanwhile:")}</b><blockquote translate="no">${text(error.present)}</blockquote>`;
    const mine = `<button class="tt-button" data-drawer="mine">${t("Keep mine")}</button>`;
    const theirs = `<button class="tt-button" data-drawer="theirs">${t("Take theirs")}</button>`;
    say(`${why}<div class="tt-acts">${mine}${theirs}</div>`, true);
    tell("plan");
    return false;
}

/** Keep one of two captions. @param {boolean} mine ours, rather than the one of somebody else */
export function settle(mine) {
    const now = drawer.open;
    now.caption = now.conflict;
    delete now.conflict;
    if (!mine) {
        put(now.caption);
        tell("edited"); // there is something else to be said of it
    }
    say("");
    find(".tt-caption :is(textarea, .tt-add):not([hidden] *)").focus();
    return save();
}
