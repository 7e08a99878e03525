// @ts-check
// Questions that wait for an answer, in front of the page.
import {find, h} from "./dom.mjs";
import {t} from "./words.mjs";

/**
 * Ask for a name, or whether something shall be done.
 * @param {{title: string, about?: string, value?: string, does: string, refused?: (words: string) => Promise<string>}}
 * question ``value`` stands in the field at first; there is no field without it. ``does`` labels the button.
 * ``refused`` does what is asked for, and says why it cannot be done: then the question stays, with what was written.
 * @returns {Promise<string | null>} what was written, without blanks around it; null where nothing shall be done
 */
export function asked({title, about, value, does, refused}) {
    const named = {type: "text", value, "aria-label": title, autocomplete: "off", maxlength: 200},
        field = value === undefined ? null : h("input", named),
        why = h("p", {class: "tt-warn", role: "alert", hidden: true});
    const box = h(
        "dialog",
        {class: "tt-dialog", "aria-labelledby": "tt-dialog-title"},
        h(
            "form",
            {method: "dialog", submit: refused && ((/** @type {any} */ event) => attempt(event, field, why, refused))},
            h("h2", {id: "tt-dialog-title"}, title),
            about && h("p", {}, about),
            field,
            why,
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

/** Do what is asked for; the question closes when it is done.
 * @param {any} event @param {any} field @param {any} why says what is wrong
 * @param {(words: string) => Promise<string>} refused */
async function attempt(event, field, why, refused) {
    const words = field.value.trim(),
        button = event.submitter || event.target.querySelector(".tt-primary");
    if (!words) return; // nobody wants it
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    why.textContent = await refused(words);
    button.disabled = false;
    why.hidden = !why.textContent;
    if (why.hidden) event.target.closest("dialog").close("yes");
    else field.select();
}
