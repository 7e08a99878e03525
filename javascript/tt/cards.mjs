// @ts-check
// Presets as cards: what each is for, and its steps, time and memory on the loaded model.
import * as api from "./api.mjs";
import {find, h} from "./dom.mjs";
import {drawing} from "./drawings.mjs";
import {size, span} from "./formats.mjs";
import {showError} from "./messages.mjs";
import {answered, takePreset} from "./settings.mjs";
import {here, isPlace, on, state} from "./state.mjs";
import {fill, t} from "./words.mjs";

const CARDS = 4;
const FIRST = "course"; // stands first, and is taken where nobody chooses
/** @type {Record<string, string>} kinds of models that presets were made for */
const MODELS = {sd1: "SD 1.5", sd2: "SD 2", sdxl: "SDXL"};

/** The preset of a project that is not made yet, and whether somebody has chosen it. */
export const wanted = {name: FIRST, isChosen: false};
let asked = 0,
    taking = 0;
/** @type {Promise<any>} */
let taken = Promise.resolve();

export const cardsElement = () =>
    h(
        "fieldset",
        {class: "tt-presets"},
        h("legend", {}, t("What shall it learn?")),
        h("div", {class: "tt-choices"}, inOrder(mainOnes()).map(cardElement)),
        h(
            "div",
            {class: "tt-fine tt-unchosen", role: "status", hidden: true},
            t("None of them is chosen: the settings are their own."),
        ),
        h("div", {class: "tt-fine tt-figures-of"}),
    );

/** @template {{name: string}} Preset @param {Preset[]} presets @returns {Preset[]} the plain one first */
export const inOrder = (presets) => [...presets].sort((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST));

/** The first presets; the settings offer their variants, own ones and the rest too. @returns {any[]} */
const mainOnes = () => state.presets.filter((one) => !one.variant_of && !one.own).slice(0, CARDS);

/** @param {any} preset */
function cardElement({name, title, about}) {
    const id = `tt-choice-${name}`;
    const radio = h("input", {
        type: "radio",
        name: "tt-preset",
        value: name,
        checked: name === wanted.name,
        "aria-labelledby": id,
        "aria-describedby": `${id}-about ${id}-figures`,
        change: () => choose(name),
    });
    const picture = h("span", {class: "tt-picture"});
    picture.innerHTML = drawing(name);
    return h(
        "label",
        {class: "tt-option"},
        radio,
        picture,
        h(
            "span",
            {class: "tt-words"},
            h("b", {id}, t(title)),
            h("small", {id: `${id}-about`}, t(about)),
            h("small", {id: `${id}-figures`, class: "tt-would"}),
        ),
    );
}

/** @param {string} name */
function choose(name) {
    Object.assign(wanted, {name, isChosen: true});
    if (!isPlace()) return;
    taking++; // arrow keys go through several
    taken = taken.then(() => takePreset(name)).catch(() => null);
    taken.then((found) => {
        taking--;
        if (found && found.error) showError({...found.error, cause: "settings"});
        showTaken();
    });
}

/** Which preset the settings were begun with. */
function showTaken() {
    const found = answered();
    if (taking || (isPlace() && !found)) return;
    const name = isPlace() ? found.preset : wanted.name;
    const radios = [...find(".tt-presets").querySelectorAll("input")];
    for (const radio of radios) radio.checked = radio.value === name;
    find(".tt-unchosen").hidden = radios.some((radio) => radio.checked);
}
on("settings", showTaken);
on("place", showTaken);

/** Ask for the figures where somebody sees the cards. */
export async function showCards() {
    const box = find(".tt-presets");
    if (!box || !box.offsetParent) return;
    const number = ++asked,
        found = await (isPlace() ? api.cards(here()) : api.supposedCards()).catch(() => null);
    if (!found || found.error || number !== asked) return;
    for (const card of found.presets) {
        const figures = find(`#tt-choice-${card.name}-figures`);
        if (figures) figures.textContent = figuresText(card);
    }
    find(".tt-figures-of").textContent = aboutText(found.presets);
}

/** Steps, time and memory. @param {any} card @returns {string} empty where nobody can tell */
export function figuresText({steps, seconds, memory_bytes: memory}) {
    const parts = [steps && fill(t("{} steps"), steps), seconds && `~${span(seconds)}`, memory && size(memory)];
    return parts.filter(Boolean).join(" · ");
}

/** What the figures are of, and whether the presets were made for such a model. @param {any[]} cards */
export function aboutText(cards) {
    const {supposed, steps} = cards[0] || {},
        others = new Set(cards.filter((one) => one.fits === false).map((one) => MODELS[one.family] || one.family));
    return [
        supposed && steps ? t("Figures: for 20 pictures, each 10 times in an epoch.") : "",
        others.size
            ? fill(
                  t("These were made for {}; for the loaded model they take its own picture size."),
                  [...others].join(", "),
              )
            : "",
    ]
        .filter(Boolean)
        .join(" ");
}
