// @ts-check
// A project goes to another machine as an archive, and what came of it there comes home.
import {ask, below, routeUrl, sendForm} from "./api.mjs";
import {showCheckpoints} from "./checkpoints.mjs";
import {find, h} from "./dom.mjs";
import {whyNot} from "./done.mjs";
import {size} from "./formats.mjs";
import {openMenu} from "./menu.mjs";
import {findPlaces} from "./places.mjs";
import {here} from "./state.mjs";
import {openWork} from "./work.mjs";
import {cancelWork, workEnded} from "./works.mjs";
import {fill, sentences, t} from "./words.mjs";

const ASK_MS = 400;

/** @typedef {import("./state.mjs").Place} Place */

/** The menu at the button beside the project's name. */
export function openTravel() {
    const {version} = here();
    if (!version) return;
    openMenu(find('[data-act="travel-project"]'), t("Other machines"), [
        {words: t("Pack for another machine"), does: packing},
        {words: t("Bring results home"), does: homecoming},
    ]);
}

/** How far something is, and what came of it. */
class Course {
    constructor() {
        this.words = h("p", {role: "status"});
        this.bar = h("progress", {hidden: true});
        this.element = h("div", {class: "tt-course"}, this.words, this.bar);
    }

    /** @param {string} words @param {number} [done] @param {number} [total] 0 while nobody knows */
    show(words, done = 0, total = 0) {
        if (this.words.textContent !== words) this.words.textContent = words;
        this.bar.hidden = false;
        this.bar.setAttribute("aria-label", words);
        if (total) Object.assign(this.bar, {max: total, value: done});
        else this.bar.removeAttribute("value");
    }

    /** @param {string[]} lines @param {...any} more @returns {void} */
    end(lines, ...more) {
        this.bar.hidden = true;
        this.words.replaceChildren(...lines.map((line) => h("span", {}, line)), ...more);
    }

    /** @param {any} found what was answered; null without an answer */
    refuse(found) {
        this.end([], h("span", {class: "tt-problem"}, whyNot(found)));
    }
}

/** @type {Record<string, string>} what may come along */
const ALONG = {
    with_runs: "Stopped runs, which go on there",
    with_checkpoints: "Checkpoints that are there",
    with_model: "The base model, too: gigabytes, but nothing to look for there",
};

function packing() {
    const of = here(),
        course = new Course(),
        boxes = Object.keys(ALONG).map((name) => h("input", {type: "checkbox", name})),
        pack = h("button", {class: "tt-button tt-primary", type: "button", click: () => packed(of, course, pack, boxes)}, t("Pack")); // prettier-ignore
    openWork({
        name: "pack",
        title: t("Pack for another machine"),
        about: t(
            "One archive with pictures, settings and waiting trainings of the project. There, train-tools train --from carries it out; nothing changes here.",
        ),
        inside: [boxes.map((box) => h("label", {class: "tt-check"}, box, h("span", {}, t(ALONG[box.name])))), course.element], // prettier-ignore
        acts: pack,
    });
}

/** @param {Place} of @param {Course} course @param {any} button @param {any[]} boxes */
async function packed(of, course, button, boxes) {
    if (button.ariaDisabled) return;
    button.ariaDisabled = "true"; // the keys stay
    const wish = Object.fromEntries(boxes.map((box) => [box.name, box.checked])),
        begun = await ask("POST", below(of, "pack"), wish).catch(() => null),
        box = button.closest("dialog");
    course.show(t("Packing"));
    if (begun && begun.number) box?.addEventListener("close", () => cancelWork(of, begun.number).catch(() => null));
    const found = await workEnded(of, begun, ({done, total}) => course.show(t("Packing"), done, total));
    button.ariaDisabled = null;
    if (!found || found.error) return course.refuse(found);
    const {result} = found;
    if (result.cancelled) return;
    const href = routeUrl(below(of, "pack")),
        link = h("a", {class: "tt-button tt-primary", href, download: result.name}, fill(t("Download ({})"), size(result.bytes))); // prettier-ignore
    course.end(sentences(result, "lines"), link);
    if (button.isConnected && document.activeElement === button) link.focus();
}

function homecoming() {
    const of = here(),
        course = new Course(),
        label = t("Archive of results"),
        input = h("input", {type: "file", accept: ".zip", "aria-label": label, change: () => arrived(of, course, input)}); // prettier-ignore
    openWork({
        name: "unpack",
        title: t("Bring results home"),
        about: t(
            "The file that train-tools train --from wrote, such as mochi-results.zip. Nothing that is here is written over.",
        ),
        inside: [h("label", {class: "tt-labelled"}, h("span", {}, label), input), course.element],
        acts: [],
    });
}

/** @param {Place} of @param {Course} course @param {any} input */
async function arrived(of, course, input) {
    const [file] = input.files;
    if (!file) return;
    const form = new FormData();
    form.append("file", file);
    input.value = ""; // or choosing the same file again would be no change
    course.show(t("Sending the archive"));
    const over = {is: false};
    watch(of, course, over);
    const found = await sendForm("POST", below(of, "unpack"), form);
    over.is = true;
    if (!found || found.error) return course.refuse(found);
    course.end(sentences(found, "lines"));
    await findPlaces(of.project === found.project ? of : {project: found.project, version: ""});
    await showCheckpoints();
}

/** Show how far the server is with it. @param {Place} of @param {Course} course @param {{is: boolean}} over */
async function watch(of, course, over) {
    while (!over.is) {
        await new Promise((later) => setTimeout(later, ASK_MS));
        const found = await ask("GET", below(of, "works")).catch(() => null),
            work = ((found && found.works) || []).find((/** @type {any} */ one) => one.kind === "unpack" && !one.ended);
        if (work && !over.is) course.show(t("Bringing it home"), work.done, work.total);
    }
}
