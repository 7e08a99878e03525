// @ts-check
// Buttons that open what is done to many pictures and their captions.
import {openBatch} from "./batch.mjs";
import {openBinding} from "./binding.mjs";
import {openChanging} from "./changing.mjs";
import {h} from "./dom.mjs";
import {openTagging} from "./tagger.mjs";
import {t} from "./words.mjs";

export const captionTools = () =>
    h(
        "span",
        {class: "tt-acts"},
        h(
            "button",
            {class: "tt-button", type: "button", "data-tool": "tag", click: () => openTagging()},
            t("Tag pictures"),
        ),
        h("button", {class: "tt-button", type: "button", "data-tool": "edit-captions", click: openBatch}, t("Edit captions")), // prettier-ignore
        h("button", {class: "tt-button", type: "button", "data-tool": "bind", click: openBinding}, t("Bind tags")),
        h("button", {class: "tt-button", type: "button", "data-tool": "change", click: () => openChanging("enlarge")}, t("Change pictures")), // prettier-ignore
    );
