// @ts-check
// The network in training, as prompts of the WebUI name it: how, and its card among those of LoRAs.
import {copyText} from "./copying.mjs";
import {find, h, page} from "./dom.mjs";
import {t} from "./words.mjs";

const WEIGHT = "0.8",
    LOOK_MS = 5000,
    TABS = ["txt2img", "img2img"];
let name = "", // as the run that goes on is called; empty without one
    told = ""; // what the cards were told last

/** @param {string} network */
const tagOf = (network) => `<lora:${network}:${WEIGHT}>`;

export const liveElement = () =>
    h(
        "div",
        {class: "tt-live", role: "group", "aria-label": t("Try it now in txt2img:"), hidden: true},
        h("span", {}, t("Try it now in txt2img:")),
        h("code", {translate: "no"}),
        h("button", {class: "tt-button", type: "button", click: copy}, t("Copy")),
        typeof switch_to_txt2img === "function" &&
            h("button", {class: "tt-button", type: "button", click: insert}, t("Insert into txt2img")),
    );

/** @param {any} event */
const copy = (event) => copyText(event.currentTarget, find(".tt-live code"));

/** Put it behind the prompt of txt2img, where it is not there with another weight, and go there. */
function insert() {
    const prompt = find("#txt2img_prompt textarea");
    if (!prompt.value.includes(`<lora:${name}:`)) {
        prompt.value = `${prompt.value.trimEnd()} ${tagOf(name)}`.trimStart();
        updateInput(prompt);
    }
    switch_to_txt2img();
}

/** @param {any} found everything that moves @param {boolean} ours whether the job is of the chosen version */
export function showLive({busy, job}, ours) {
    name = (busy && job.live) || "";
    const box = find(".tt-live");
    box.hidden = !name || !ours;
    if (name && find(".tt-live code").textContent !== tagOf(name)) find(".tt-live code").textContent = tagOf(name);
    if (told !== `${name} ${job.number} ${job.epoch}`) {
        told = `${name} ${job.number} ${job.epoch}`;
        showCards(name);
    }
}

/** @param {string} tab */
const cardsOf = (tab) => find(`#${tab}_lora_cards`);
/** @param {string} tab @returns {any} */
const cardIn = (tab) => cardsOf(tab)?.querySelector('.card[data-name^="@"]');

/** Have the card in each list of LoRAs that is filled, as it is now; or in none. @param {string} network */
async function showCards(network) {
    for (const tab of TABS) {
        if (!network) cardIn(tab)?.remove();
        else if (cardsOf(tab)?.querySelector(".card")) await renewCard(tab, network);
    }
}

/** @param {string} tab @param {string} network */
async function renewCard(tab, network) {
    const asked = new URLSearchParams({page: "lora", tabname: tab, name: network});
    const found = await fetch(`./sd_extra_networks/get-single-card?${asked}`)
        .then((got) => got.json())
        .catch(() => null);
    if (!found || !found.html || name !== network) return;
    const made = h("div");
    made.innerHTML = found.html;
    const card = made.firstElementChild;
    cardIn(tab)?.remove();
    cardsOf(tab).prepend(card);
}

/** The tab asks nobody while it is not seen: whoever sees the card elsewhere still sees it go. */
async function look() {
    if (document.hidden || !TABS.some((tab) => cardIn(tab)?.offsetParent)) return;
    const found = await fetch("./train-tools/v1/jobs")
        .then((got) => got.json())
        .catch(() => null);
    if (found && found.job && !(found.busy && found.job.live)) {
        [name, told] = ["", ""];
        showCards("");
    }
}

if (page() !== document || typeof switch_to_txt2img === "function") setInterval(look, LOOK_MS);
