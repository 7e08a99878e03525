// @ts-check
// Questions that wait for an answer, in front of the page.
import {find, h} from "./dom.mjs";
import {t} from "./words.mjs";

/**
 * Ask for a name, or whether something shall be done.
 * @param {{title: string, about?: string, value?: string, does: string}} question ``value`` stands in the field at
 * first; there is no field without it. ``does`` labels the button.
 * @returns {Promise<string | null>} what was written, without blanks around it; null where nothing shall be done
 */
export function asked({title, about, value, does}) {
    const field =
        value === undefined
            ? null
            : h("input", {type: "text", value, "aria-label": title, autocomplete: "off", maxlength: 200});
    const box = h(
        "dialog",
        {class: "tt-dialog", "aria-labelledby": "tt-dialog-title"},
        h(
            "form",
            {method: "dialog"},
            h("h2", {id: "tt-dialog-title"}, title),
            about && h("p", {}, about),
            field,
            h(
                "div",
                {class: "tt-acts"},
                h("button", {class: "tt-button tt-primary", value: "yes"}, does),
                h("button", {class: "tt-button", type: "button", click: () => box.close()}, t("Cancel")),
            ),
        ),
    );
    find("#train_tools_root").append(box);
    box.showModal();
    if (field) field.select();
    return new Promise((answered) => {
        box.addEventListener("close", () => {
            box.remove();
            const yes = box.returnValue === "yes";
            answered(!yes ? null : field ? field.value.trim() || null : "yes");
        });
    });
}
