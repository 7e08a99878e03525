// @ts-check
// The first open: no forms, one card, from pictures to a training.
import {begin, isBegun} from "./begin.mjs";
import {showCards} from "./cards.mjs";
import {find, h, within} from "./dom.mjs";
import {drawing} from "./drawings.mjs";
import {showName} from "./naming.mjs";
import {showPage} from "./pages.mjs";
import {change} from "./settings.mjs";
import {isPlace, on, state} from "./state.mjs";
import {t} from "./words.mjs";

let isOpen = false;

/** Above the pictures. */
export const headElement = () =>
    h(
        "div",
        {class: "tt-first tt-welcome"},
        h("h2", {}, t("Train a LoRA")),
        h("p", {class: "tt-fine"}, t("It teaches the loaded model something new, from 10 to 50 pictures of it.")),
    );

/** Other ways to pictures. */
export const waysElement = () =>
    h(
        "div",
        {class: "tt-first tt-ways"},
        h("span", {class: "tt-fine"}, t("No pictures at hand?")),
        sampleElement(),
        state.host.folders_may_be_chosen &&
            h(
                "details",
                {},
                h("summary", {}, t("or name a folder on the server")),
                h(
                    "form",
                    {class: "tt-line-form", submit: takeFolder},
                    h("input", {
                        type: "text",
                        "aria-label": t("Folder with pictures"),
                        autocomplete: "off",
                        spellcheck: "false",
                    }),
                    h("button", {class: "tt-button"}, t("Use")),
                ),
            ),
    );

function sampleElement() {
    const button = h("button", {class: "tt-button", id: "train_tools_sample", click: takeSample});
    button.innerHTML = `${drawing("sample")}<span></span>`;
    button.lastElementChild.textContent = t("Try it with the sample character");
    return button;
}

/** Below the button that trains. */
export const moreElement = () =>
    h(
        "div",
        {class: "tt-first tt-more-ways"},
        h(
            "button",
            {class: "tt-link", "data-first": "empty", "data-act": "create-project"},
            t("Begin with an empty project"),
        ),
        h("button", {class: "tt-link", "data-first": "settings", click: goToSettings}, t("All settings")),
    );

/** @param {any} event */
async function takeSample({currentTarget: button}) {
    const byKeys = button.matches(":focus-visible");
    button.disabled = true;
    const isMade = await begin({sample: true});
    button.disabled = false;
    if (byKeys && isMade) find("#train_tools_name").focus(); // the button is gone
}

/** @param {any} event */
async function takeFolder(event) {
    event.preventDefault();
    const folder = event.target.querySelector("input").value.trim();
    if (!folder) return;
    if (isPlace()) change({train_data_dir: folder});
    else await begin({folder});
}

function goToSettings() {
    leave();
    showPage("settings");
    find("#tt-tab-settings").focus();
}

/** Show the whole tab: a training begins, or somebody wants more. */
export function leave() {
    if (!isOpen) return;
    isOpen = false;
    show();
    find("#train_tools_root").scrollIntoView(); // what was below the card is beside it, or far above
}

function follow() {
    isOpen = !state.project || (isOpen && isBegun(state.project));
    if (isOpen) showPage("pictures");
    show();
}
on("place", follow);

function show() {
    find("#train_tools_root").toggleAttribute("data-first", isOpen);
    const has = isPlace();
    find('[data-first="empty"]').hidden = has;
    find('[data-first="settings"]').hidden = !has;
    find(".tt-ways").hidden = has;
    showName();
    showCards();
}

document.addEventListener("click", (event) => isOpen && within(event, '[data-act="goto"]') && leave(), true);
