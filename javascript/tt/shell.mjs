// @ts-check
// The whole tab, as it stands before anything is known: project row, pages, run panel, checkpoints.
import {barElement} from "./bar.mjs";
import {checkpointsElement} from "./checkpoints.mjs";
import {h} from "./dom.mjs";
import {cardsElement} from "./cards.mjs";
import {compareElement, showCompare} from "./compare.mjs";
import {headElement, moreElement, waysElement} from "./first.mjs";
import {findingsElement} from "./findings.mjs";
import "./following.mjs";
import {foldersElement, formElement} from "./form.mjs";
import {gridElement} from "./grid.mjs";
import {loraElement, showLoras} from "./lorapage.mjs";
import {nameElement} from "./naming.mjs";
import {pagesElement, showPage} from "./pages.mjs";
import {panelElement} from "./panel.mjs";
import {recordsElement, showRecords} from "./records.mjs";
import "./retouching.mjs";
import {selectedElement} from "./selected.mjs";
import {setsElement} from "./sets.mjs";
import {sheetListElement} from "./sheetlist.mjs";
import "./sheets.mjs";
import "./sweep.mjs";
import {sweepsElement} from "./sweeps.mjs";
import {toolbarElement} from "./toolbar.mjs";
import {cloudElement} from "./tagcloud.mjs";
import {captionTools} from "./tools.mjs";
import {triggerElement} from "./trigger.mjs";
import {dropElement} from "./drop.mjs";
import {t} from "./words.mjs";
import "./worst.mjs";

/** Fill the tab's place. @param {any} root */
export function fillShell(root) {
    root.lang = t("en"); // whose translation is the code of its language
    root.replaceChildren(
        h("div", {class: "tt-gone", role: "alert", hidden: true}),
        barElement(),
        h(
            "div",
            {class: "tt-main"},
            pagesElement([
                {id: "pictures", title: t("Pictures"), element: picturesElement()},
                {id: "settings", title: t("Settings"), element: formElement()},
                {id: "compare", title: t("Compare"), element: compareElement(), shown: showCompare},
                {id: "tools", title: t("Tools"), element: loraElement(), shown: showLoras},
                {id: "records", title: t("Records"), element: recordsElement(), shown: showRecords},
            ]),
            panelElement(),
            moreElement(),
        ),
        checkpointsElement(),
        sheetListElement(),
        sweepsElement(),
    );
    showPage("pictures");
}

const picturesElement = () => [
    headElement(),
    dropElement(),
    waysElement(),
    triggerElement(),
    findingsElement(),
    setsElement(),
    h(
        "div",
        {class: "tt-pictures", id: "train_tools_pictures"},
        h(
            "div",
            {class: "tt-gallery", "data-empty": true},
            toolbarElement(captionTools()),
            h("p", {class: "tt-filter-wrong tt-warn", role: "status"}),
            selectedElement(),
            h("div", {class: "tt-count"}),
            gridElement(),
        ),
        h("aside", {class: "tt-drawer", tabindex: "-1", hidden: true}),
    ),
    cloudElement(),
    nameElement(),
    cardsElement(),
    h("details", {class: "tt-group", id: "train_tools_folders"}, h("summary", {}, t("Folders")), foldersElement()),
];
