// @ts-check
// "Open in Train Tools": a button on the cards of the WebUI's page of LoRAs that are of checkpoints of ours.
import * as api from "./api.mjs";
import {find, h} from "./dom.mjs";
import {showTab} from "./generated.mjs";
import {findPlaces} from "./places.mjs";
import {t} from "./words.mjs";

const TABS = ["txt2img", "img2img"],
    CALM_MS = 300, // after which cards have come
    ROW_MS = 10_000;
let timer = 0;

/** @typedef {{name: string, project: string, version: string, checkpoint: string}} Card */

/** Watch the pages of LoRAs, where a WebUI is around us. */
export function watchCards() {
    for (const tab of TABS) {
        const pane = find(`#${tab}_lora_cards_html`) || find(`#${tab}_extra_tabs`);
        if (pane) new MutationObserver(soon).observe(pane, {childList: true, subtree: true});
    }
}

function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(mark, CALM_MS);
}

/** Cards that have not been looked at. @returns {any[]} */
const fresh = () =>
    TABS.flatMap((tab) => [...(find(`#${tab}_lora_cards`)?.querySelectorAll(".card:not([data-tt-seen])") || [])]);

async function mark() {
    const cards = fresh();
    if (!cards.length) return;
    const found = await api.installed().catch(() => null);
    if (!found || found.error) return;
    /** @type {Map<string, Card>} */
    const ours = new Map(found.cards.map((/** @type {Card} */ one) => [one.name, one]));
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
