// @ts-check
// "Train on these": a button beside those of the WebUI's own galleries. The WebUI's parts stay as they are.
import {find, h} from "./dom.mjs";
import {doneElement, whyNot} from "./done.mjs";
import {Into} from "./into.mjs";
import {segmentElement} from "./labelled.mjs";
import {showPage} from "./pages.mjs";
import {findPlaces} from "./places.mjs";
import {uploadInto} from "./upload.mjs";
import {fill, t} from "./words.mjs";
import {openWork} from "./work.mjs";

const TABS = ["txt2img", "img2img"];

/** The file's name in the address of a picture. @param {string} address */
export function nameOfPicture(address) {
    const last =
        address
            .replace(/[?#].*$/, "")
            .split("/")
            .pop() || "";
    try {
        return decodeURIComponent(last);
    } catch {
        return last;
    }
}

/** How many of a gallery's pictures are grids, which come first. @param {string} info that the WebUI keeps of them */
export function gridsOf(info) {
    try {
        return Number(JSON.parse(info).index_of_first_image) || 0;
    } catch {
        return 0;
    }
}

/** What a gallery shows. @param {string} tab */
function shownIn(tab) {
    const gallery = find(`#${tab}_gallery`);
    const items = gallery
        ? [...gallery.querySelectorAll(".thumbnail-item")].filter((one) => one.querySelector("img"))
        : [];
    const addresses = items.map((one) => one.querySelector("img").src),
        info = find(`#generation_info_${tab} textarea`);
    const all = [...new Set(addresses)],
        pictures = all.slice(info && all.length > 1 ? gridsOf(info.value) : 0),
        chosen = addresses[items.findIndex((one) => one.classList.contains("selected"))];
    return {all: pictures, one: pictures.includes(chosen) ? chosen : ""}; // the WebUI selects the grid
}

/** Put the buttons there, where a WebUI is around us. */
export function addButtons() {
    for (const tab of TABS) {
        const row = find(`#image_buttons_${tab}`),
            like = row && row.querySelector("button.tool:not(.hidden)");
        if (!like) continue;
        const title = t("Train on these: add to the pictures of a LoRA");
        const facts = {id: `train_tools_of_${tab}`, class: like.className, type: "button", title, "aria-label": title};
        like.parentElement.append(h("button", {...facts, click: () => new Generated(shownIn(tab)).open()}, "🎓"));
    }
}

/** Go to our tab, as the WebUI's own buttons go to others. */
export function showTab() {
    const place = [...find("#tabs").children].filter((one) => one.classList.contains("tabitem"));
    const button =
        find("#tabs").querySelectorAll(":scope > .tab-nav > button")[
            place.findIndex((one) => one.id === "tab_train_tools")
        ];
    if (button) button.click();
    showPage("pictures");
}

/** The dialog, with what is chosen. */
class Generated {
    /** @param {{all: string[], one: string}} shown addresses of pictures; ``one`` is selected, empty for none */
    constructor({all, one}) {
        this.all = all;
        this.one = one;
        this.wanted = one ? [one] : all;
        this.into = new Into();
        this.pictures = h("div", {class: "tt-output-tiles tt-shown"});
        this.done = doneElement();
        this.add = h("button", {class: "tt-button tt-primary", form: "tt-generated"}, t("Add pictures"));
    }

    open() {
        showTab();
        const close = () => this.box.close();
        this.box = openWork({
            name: "generated",
            title: t("Train on these"),
            about: t("They are copied; the prompt of each becomes its caption, without weights and LoRAs."),
            inside: this.all.length ? this.form() : h("p", {}, t("There are none yet: generate pictures first.")),
            acts: [
                this.all.length > 0 && this.add,
                h("button", {class: "tt-button", type: "button", click: close}, t("Cancel")),
                this.done,
            ],
        });
        this.choose(this.wanted);
    }

    form() {
        const {all, one} = this,
            form = h("form", {id: "tt-generated", submit: (/** @type {Event} */ event) => this.take(event)});
        const which = h(
            "div",
            {class: "tt-segments", role: "radiogroup", "aria-label": t("Which pictures")},
            segmentElement("tt-which", t("the selected one"), Boolean(one), () => this.choose([one]), Boolean(one)),
            segmentElement("tt-which", fill(t("all shown ({})"), all.length), !one, () => this.choose(all)),
        );
        form.append(which, this.pictures, this.into.element);
        return form;
    }

    /** @param {string[]} some */
    choose(some) {
        this.wanted = some;
        this.pictures.replaceChildren(...some.map((src) => h("img", {src, alt: nameOfPicture(src), translate: "no"})));
    }

    /** @param {string} why */
    refuse(why) {
        this.done.classList.add("tt-refused");
        this.done.replaceChildren(why);
        this.add.disabled = false;
    }

    /** @param {Event} event */
    async take(event) {
        event.preventDefault();
        this.add.disabled = true;
        const files = await Promise.all(this.wanted.map(fetched)).catch(() => null);
        if (!files) return this.refuse(t("A picture is not there any more; generate it again."));
        const {of, name, repeats, error} = await this.into.settled();
        if (error) return this.refuse(whyNot({error}));
        this.box.close();
        await findPlaces(of);
        await uploadInto(of, files, {repeats, name, captions_from_prompts: true});
    }
}

/** @param {string} address */
async function fetched(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(address);
    return {file: await answer.blob(), path: nameOfPicture(address)};
}
