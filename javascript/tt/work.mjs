// @ts-check
// A dialog for work of several parts, in front of the page.
import {find, h} from "./dom.mjs";
import {t} from "./words.mjs";

/**
 * @param {{name: string, title: string, about?: string, inside: any, acts: any, closed?: () => void}} facts ``acts``
 * are buttons at its foot
 * @returns {any} the dialog, which is shown; it goes when it is closed
 */
export function openWork({name, title, about, inside, acts, closed}) {
    const id = `tt-work-${name}`;
    const box = h(
        "dialog",
        {class: `tt-dialog tt-work tt-${name}`, "aria-labelledby": id, keydown: onKey},
        h(
            "div",
            {class: "tt-work-head"},
            h("h2", {id}, title),
            h("button", {class: "tt-tool", type: "button", "aria-label": t("Close"), title: t("Close"), click: () => box.close()}, "×"), // prettier-ignore
            about && h("p", {class: "tt-fine"}, about),
        ),
        h("div", {class: "tt-work-body"}, inside),
        h("div", {class: "tt-acts"}, acts),
    );
    box.addEventListener("close", () => {
        box.remove();
        if (closed) closed();
    });
    find("#train_tools_root").append(box);
    box.showModal();
    return box;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
    if (event.key === "Escape") event.stopPropagation(); // to the WebUI this key means Interrupt
}
