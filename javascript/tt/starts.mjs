// @ts-check
// Starting points: settings by what is learned, for which models and how much memory.
import {h} from "./dom.mjs";
import {showError} from "./messages.mjs";
import {takePreset} from "./settings.mjs";
import {state} from "./state.mjs";
import {t} from "./words.mjs";

const MEMORIES = [8, 12, 24];
/** @type {Record<string, string>} */
const SUBJECTS = {character: "Character", style: "Style", concept: "Concept", clothing: "Clothing"};
/** @type {Record<string, string>} */
const FAMILIES = {sd1: "SD 1.5", sdxl: "SDXL"};

/** The largest amount that a card surely has. @param {number | null} bytes of the card; null where it has none */
export function memoryOf(bytes) {
    const gb = (bytes || 0) / 2 ** 30 + 0.6; // cards show a little less than they are called
    return [...MEMORIES].reverse().find((one) => one <= gb) || MEMORIES[0];
}

export function startElement() {
    const select = (/** @type {string} */ label, /** @type {any[]} */ options, /** @type {any} */ chosen) => {
        const box = h("select", {"aria-label": label}, options.map(([value, words]) => h("option", {value}, words)));
        box.value = `${chosen}`;
        return box;
    }; // prettier-ignore
    const subject = select(t("What shall it learn?"), Object.keys(SUBJECTS).map((one) => [one, t(SUBJECTS[one])]), "character"); // prettier-ignore
    const family = select(t("Base model"), Object.entries(FAMILIES), "sd1");
    const memory = select(t("Memory"), MEMORIES.map((one) => [one, `${one} GB`]), memoryOf((state.host || {}).memory_bytes)); // prettier-ignore
    const click = async () => {
        const found = await takePreset(`${subject.value}-${family.value}-${memory.value}gb`).catch(() => null);
        if (found && found.error) showError({...found.error, cause: "settings"});
    };
    return h(
        "details",
        {class: "tt-start"},
        h("summary", {}, t("Starting points")),
        h("p", {class: "tt-fine"}, t("Numbers for what you train, each with its reason at the setting.")),
        h("div", {class: "tt-acts"}, subject, family, memory, h("button", {class: "tt-button", type: "button", "data-preset": "start", click}, t("Take it"))), // prettier-ignore
    );
}
