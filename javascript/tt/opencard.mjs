// @ts-check
// "Open in Train Tools": a button on the cards of the WebUI's page of LoRAs that are of checkpoints of ours, and in the
// editor of what such a card tells.
import * as api from "./api.mjs";
import {find, h} from "./dom.mjs";
import {showTab} from "./generated.mjs";
import {findPlaces} from "./places.mjs";
import {t} from "./words.mjs";

const TABS = ["txt2img", "img2img"],
    CALM_MS = 300, // after which cards have come
    ROW_MS = 10_000;
let timer = 0,
    edited = ""; // name of the card whose editor was opened last

/** @typedef {{name: string, project: string, version: string, checkpoint: string}} Card */

/** Watch the pages of LoRAs, where a WebUI is around us. */
export function watchCards() {
    for (const tab of TABS) {
        const pane = find(`#${tab}_lora_cards_html`) || find(`#${tab}_extra_tabs`);
        if (!pane) continue;
        new MutationObserver(soon).observe(pane, {childList: true, subtree: true});
        pane.addEventListener("click", (/** @type {any} */ event) => edits(event.target, tab), true); // cards stop it
    }
}

function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(mark, CALM_MS);
}

/** Cards that have not been looked at. @returns {any[]} */
const fresh = () =>
    TABS.flatMap((tab) => [...(find(`#${tab}_lora_cards`)?.querySelectorAll(".card:not([data-tt-seen])") || [])]);

/** Those of checkpoints of ours, by their names; null where the server does not say. */
async function cardsOfOurs() {
    const found = await api.installed().catch(() => null);
    if (!found || found.error) return null;
    return new Map(found.cards.map((/** @type {Card} */ one) => [one.name, one]));
}

async function mark() {
    const cards = fresh();
    const ours = cards.length && (await cardsOfOurs());
    if (!ours) return;
    for (const card of cards) {
        card.dataset.ttSeen = "";
        const one = ours.get(card.dataset.name);
        if (one) card.querySelector(".button-row")?.prepend(buttonFor(one));
    }
}

/** @param {Card} one */
const buttonFor = (one) =>
    h(
        "div",
        {
            class: "card-button tt-open-card",
            role: "button",
            tabindex: "0",
            title: t("Open in Train Tools"),
            "aria-label": t("Open in Train Tools"),
            click: (/** @type {Event} */ event) => pressed(event, one),
            keydown: (/** @type {KeyboardEvent} */ event) =>
                (event.key === "Enter" || event.key === " ") && pressed(event, one),
        },
        "🎓",
    );

/** Puts the button into the editor that a click on a card opens. @param {any} clicked @param {string} tab */
async function edits(clicked, tab) {
    const card = clicked.closest?.(".edit-button") && clicked.closest(".card"),
        buttons = card && find(`#${tab}_lora_edit_user_metadata .edit-user-metadata-buttons`);
    if (!buttons) return;
    edited = card.dataset.name;
    buttons.querySelector(".tt-open-edited")?.remove();
    const one = (await cardsOfOurs())?.get(card.dataset.name);
    if (!one || edited !== one.name || buttons.querySelector(".tt-open-edited")) return;
    const cancel = buttons.querySelector("button");
    const click = () => {
        cancel.click(); // closes the editor
        open(one);
    };
    buttons.prepend(
        h("button", {type: "button", class: `${cancel.className} tt-open-edited`, click}, t("Open in Train Tools")),
    );
}

/** @param {Event} event @param {Card} one */
function pressed(event, one) {
    event.stopPropagation(); // a click on the card puts it into the prompt
    event.preventDefault();
    open(one);
}

/** @param {Card} one */
async function open({project, version, checkpoint}) {
    showTab();
    await findPlaces({project, version});
    const row = await rowOf(checkpoint);
    if (!row) return;
    for (let fold = row.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    row.scrollIntoView({block: "center"});
    row.setAttribute("tabindex", "-1");
    row.focus({preventScroll: true});
}

/** The checkpoint's row, when its list has come. @param {string} checkpoint @returns {Promise<any>} */
async function rowOf(checkpoint) {
    for (const ends = Date.now() + ROW_MS; Date.now() < ends; await new Promise((done) => setTimeout(done, 100))) {
        const row = find(`.tt-checkpoints .tt-row[data-name="${CSS.escape(checkpoint)}"]`);
        if (row) return row;
    }
    return null;
}
