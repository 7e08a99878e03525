// @ts-check
// The preset that was taken, and what of the settings differs from it.
import {find, h} from "./dom.mjs";
import {showError} from "./messages.mjs";
import {ownElement} from "./ownpresets.mjs";
import {answered, change, takePreset} from "./settings.mjs";
import {startElement} from "./starts.mjs";
import {on, state} from "./state.mjs";
import {fill, t} from "./words.mjs";

const DEFAULTS = "defaults";

/** @param {() => void} shows is called to show only what differs, or all again */
export function presetElement(shows) {
    const select = h("select", {id: "train_tools_preset", change: choose, "aria-describedby": "tt-preset-about"});
    return h(
        "div",
        {class: "tt-preset"},
        h("label", {for: "train_tools_preset"}, t("Preset")),
        select,
        h("small", {id: "tt-preset-about"}),
        h(
            "div",
            {class: "tt-differs", hidden: true},
            h("span", {}),
            h("button", {class: "tt-link", "data-preset": "show", "aria-pressed": "false", click: shows}, t("show")),
            h("button", {class: "tt-link", "data-preset": "back", click: allBack}, t("take back")),
        ),
        ownElement(),
        startElement(),
    );
}

/** @param {any} event */
async function choose(event) {
    const found = await takePreset(event.target.value).catch(() => null);
    if (found && found.error) showError({...found.error, cause: "settings"});
}

/** What differs, by name of the setting. @returns {Map<string, any>} */
export const differences = () =>
    new Map(((answered() || {}).differs || []).map((/** @type {any} */ one) => [one.setting, one]));

/** Put settings back to what the preset has. @param {string[]} names */
export function back(names) {
    const differs = differences();
    change(Object.fromEntries(names.map((name) => [name, differs.get(name).value])));
}

const allBack = () => back([...differences().keys()]);

function show() {
    const select = find("#train_tools_preset"),
        found = answered(),
        taken = (found && found.preset) || DEFAULTS,
        names = [...new Set([DEFAULTS, ...state.presets.map((one) => one.name), taken])]; // a starting point too
    if ([...select.options].map((one) => one.value).join("\n") !== names.join("\n"))
        select.replaceChildren(...names.map((name) => h("option", {value: name}, titleOf(name))));
    select.value = taken;
    select.disabled = !found;
    find("#tt-preset-about").textContent = found && found.about ? t(found.about) : t("Settings of a fresh version.");
    const count = differences().size,
        box = find(".tt-differs");
    box.hidden = !count;
    box.firstElementChild.textContent = fill(
        t(count === 1 ? "{} setting differs from the preset:" : "{} settings differ from the preset:"),
        count,
    );
}
on("settings", show);

/** @param {string} name */
function titleOf(name) {
    const preset = state.presets.find((one) => one.name === name);
    if (!preset) return name === DEFAULTS ? t("Defaults") : name;
    return preset.title ? `${t(preset.title)} (${name})` : name;
}
