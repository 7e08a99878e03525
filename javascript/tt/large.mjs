// @ts-check
// A picture, large: left and right go to the checkpoint beside it, up and down to its other weights and prompts.
import {infotext, previewUrl} from "./api.mjs";
import {columnAt, extent, isShown, listed, pathAt, shotText} from "./checkpoints.mjs";
import {find, h, within} from "./dom.mjs";
import {nameOf, text} from "./formats.mjs";
import {showError} from "./messages.mjs";
import {ageOf} from "./rows.mjs";
import {beside} from "./shots.mjs";
import {here} from "./state.mjs";
import {t} from "./words.mjs";

let from = ""; // the list that it was opened from

/** Among those of the list alone, or of all runs where it shows none of them. @param {number} row
 * @param {number} column @param {string} key */
function next(row, column, key) {
    const sameList = (/** @type {number} */ other) => column < 0 || isShown(other) === isShown(row);
    return beside((y, x) => (sameList(y) ? pathAt(y, x) : undefined), extent(), row, column, key);
}

/** @param {number} row @param {number} column */
function openLarge(row, column) {
    const path = pathAt(row, column);
    if (!path) return;
    const box = find(".tt-large") || h("dialog", {class: "tt-large"}),
        says = captionOf(row, column, path);
    const held = /** @type {any} */ (document.activeElement),
        {turn} = box.contains(held) ? held.dataset : {};
    box.setAttribute("aria-label", says);
    box.innerHTML = largeHtml(row, column, path, says);
    box.onclick = (/** @type {MouseEvent} */ event) => onClick(event, row, column, path);
    box.onclose = () => closed(box, row, column);
    box.onkeydown = (/** @type {KeyboardEvent} */ event) => {
        event.stopPropagation(); // to the WebUI, Escape means Interrupt
        if (event.key.startsWith("Arrow")) {
            event.preventDefault();
            go(row, column, event.key);
        }
    };
    if (!box.isConnected) {
        find("#train_tools_root").appendChild(box);
        box.showModal();
    }
    (box.querySelector(`[data-turn="${turn}"]`) || box.querySelector('[data-large="close"]')).focus();
}

/** @param {number} row @param {number} column @param {string} path */
function captionOf(row, column, path) {
    if (column < 0) return nameOf(path);
    return [ageOf(listed()[row]) || listed()[row].name, shotText(columnAt(column))].join("   ");
}

/** @param {number} row @param {number} column @param {string} path @param {string} says */
function largeHtml(row, column, path, says) {
    const turn = (/** @type {string} */ key, /** @type {string} */ sign, /** @type {string} */ name) =>
        next(row, column, key)
            ? `<button class="tt-turn tt-${key}" data-turn="${key}" aria-label="${t(name)}">${sign}</button>`
            : "";
    const sends = column >= 0 && columnAt(column).weight !== 0 && typeof switch_to_txt2img === "function";
    const sending = `<button class="tt-button" data-large="send">${t("Send to txt2img")}</button>`;
    return (
        `<img alt="" src="${previewUrl(path)}">` +
        turn("ArrowLeft", "‹", "Earlier checkpoint") +
        turn("ArrowRight", "›", "Later checkpoint") +
        `<div class="tt-fine">${text(says)}</div><div class="tt-acts">` +
        turn("ArrowUp", "↑", "Previous weight or prompt") +
        turn("ArrowDown", "↓", "Next weight or prompt") +
        (sends ? sending : "") +
        `<a class="tt-button" target="_blank" href="${previewUrl(path)}">${t("Open")}</a>` +
        `<button class="tt-button" data-large="close">${t("Close")}</button></div>`
    );
}

/** @param {number} row @param {number} column @param {string} key */
function go(row, column, key) {
    const at = next(row, column, key);
    if (at) openLarge(...at);
}

/** @param {MouseEvent} event @param {number} row @param {number} column @param {string} path */
async function onClick(event, row, column, path) {
    const target = /** @type {HTMLElement} */ (event.target),
        what = target.dataset.large;
    if (target.dataset.turn) return go(row, column, target.dataset.turn);
    if (what === "send") await send(path);
    if (what || target === find(".tt-large")) find(".tt-large").close();
}

/** @param {any} box @param {number} row @param {number} column */
function closed(box, row, column) {
    const shot = `a[data-row="${row}"][data-column="${column}"]`,
        link = find(`${from} ${shot}`) || find(`.tt-checkpoints ${shot}`);
    box.remove();
    if (link) link.focus();
}

/** Give txt2img what the picture was made with. @param {string} path */
async function send(path) {
    const found = await infotext(here(), path).catch(() => null);
    if (!found) return;
    if (found.error) return showError(found.error);
    const prompt = find("#txt2img_prompt textarea");
    prompt.value = found.infotext;
    updateInput(prompt);
    switch_to_txt2img();
    setTimeout(() => find("#paste").click(), 100);
}

document.addEventListener("click", (event) => {
    const link = within(event, "a[data-row]");
    if (!link || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    from = link.closest(".tt-samples") ? ".tt-samples" : ".tt-checkpoints";
    openLarge(Number(link.dataset.row), Number(link.dataset.column));
});
