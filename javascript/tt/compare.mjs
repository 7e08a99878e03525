// @ts-check
// The page Compare: every checkpoint of a version beside each other, on the same prompts and seeds.
import {barOfCompare, sidesElement} from "./comparebar.mjs";
import {askCurve, curveElement} from "./comparecurve.mjs";
import {askFigures, figuresElement} from "./comparefigures.mjs";
import {aboutElement} from "./comparefacts.mjs";
import {mixElement} from "./comparemix.mjs";
import {howElement} from "./comparehow.mjs";
import {keysElement} from "./comparekeys.mjs";
import {sliderElement} from "./compareslider.mjs";
import {stageElement} from "./comparestage.mjs";
import {draws, now, take} from "./comparestate.mjs";
import {comparison, makeMissing} from "./compare_api.mjs";
import {missingIn} from "./compared.mjs";
import {act, find, h, isOn} from "./dom.mjs";
import {over, showError} from "./messages.mjs";
import {nothingText} from "./nothing.mjs";
import {poll} from "./poll.mjs";
import {turn} from "./queue_api.mjs";
import {here, isPlace, on, samePlace} from "./state.mjs";
import {fill, t} from "./words.mjs";

const PAGE = "#tt-page-compare";
let shownOf = {project: "", version: ""};

export function compareElement() {
    const bar = barOfCompare();
    bar.append(howElement(), keysElement());
    const empty = h("div", {class: "tt-empty tt-cmp-empty"}, h("p"), h("span"));
    empty.lastElementChild.innerHTML = act("preview-all", "Preview all");
    return h(
        "div",
        {class: "tt-cmp"},
        empty,
        h(
            "div",
            {class: "tt-cmp-body", hidden: true},
            bar,
            sidesElement(),
            mixElement(),
            h("p", {class: "tt-cmp-missing", hidden: true}, h("span"), h("button", {class: "tt-button", type: "button", click: fillIn})), // prettier-ignore
            stageElement(),
            h("div", {class: "tt-cmp-foot"}, sliderElement(), aboutElement(), curveElement(), figuresElement()),
            h("p", {class: "tt-cmp-left-out tt-fine"}),
        ),
    );
}

/** Ask for what can be compared, and show it. */
export async function showCompare() {
    const of = here(),
        isOther = !samePlace(of, shownOf);
    if (isOther) take(null, true);
    shownOf = of;
    if (!isPlace()) return;
    const found = await comparison(of).catch(() => null);
    if (!found || !samePlace(of, here())) return;
    if (found.error) return showError({...found.error, cause: "project"});
    askCurve();
    take(found, isOther);
    askFigures();
    giveKeys();
}

let isClicked = false;
document.addEventListener("click", (event) => {
    if (isOn(event, "#tt-tab-compare")) isClicked = event.detail > 0;
});

/** Arrow keys lead through checkpoints at once where the page was opened by a click; by keys, they lead through pages on. */
function giveKeys() {
    if (isClicked && document.activeElement?.id === "tt-tab-compare")
        requestAnimationFrame(() => find(".tt-cmp-slider input").focus({preventScroll: true}));
    isClicked = false;
}

draws("parts", () => {
    const {found, columns} = now,
        [says, offers] = find(".tt-cmp-empty").children;
    find(".tt-cmp-empty").hidden = !now.isKnown || Boolean(columns.length);
    find(".tt-cmp-body").hidden = !columns.length;
    offers.hidden = !found.checkpoints.length;
    says.textContent = found.checkpoints.length
        ? t("No pictures to compare yet. Preview all draws every checkpoint with the prompts of Saving and previews.")
        : nothingText();
    says.toggleAttribute("data-nothing", !found.checkpoints.length);
    showMissing();
    showLeftOut();
});

const missing = () => missingIn(now.columns, now.extent.checkpoints, now.view.variant);

function showMissing() {
    const box = find(".tt-cmp-missing"),
        {count} = missing(),
        [says, button] = box.children;
    box.hidden = !count;
    says.textContent = fill(t("Pictures of this weight that are missing: {}"), count);
    button.textContent = fill(t("Make the missing {}"), count);
}

/** Make what is missing, of the requests of what is there. */
async function fillIn() {
    const {columns, checkpoints} = missing(),
        {weight, blocks} = now.found.variants[now.view.variant],
        names = checkpoints.map((number) => now.found.checkpoints[number].name);
    const wish = {columns, weight, blocks, checkpoints: names, ...turn()};
    const answer = await makeMissing(here(), wish).catch(() => ({error: {message: t("No answer.")}}));
    if (answer.error) return showError({...answer.error, cause: "act"});
    over("act");
    poll();
}

function showLeftOut() {
    const {untold, gone} = now.found;
    const lines = [
        untold ? fill(t("Pictures that do not tell how they were made are left out: {}"), untold) : "",
        gone ? fill(t("Pictures of checkpoints that are gone are left out: {}"), gone) : "",
    ];
    find(".tt-cmp-left-out").textContent = lines.filter(Boolean).join("   ");
}

const showIfOpen = () => find(PAGE) && !find(PAGE).hidden && showCompare();
on("place", showIfOpen);
on("checkpoints", showIfOpen);
