// @ts-check
// A caption as text that grows with what is written, with a mark behind it where its tokens end.
import {sameTag, itemsOf, lineOf} from "./chips.mjs";
import {completes} from "./completion.mjs";
import {cutAt} from "./counter.mjs";
import {h} from "./dom.mjs";
import {t} from "./words.mjs";
import {completed, writtenAt} from "./written.mjs";

export class PlainText {
    /** @param {string} caption @param {() => import("./chips.mjs").Shape} shape @param {() => boolean} completesTags */
    constructor(caption, shape, completesTags) {
        this.box = h("textarea", {rows: 3, spellcheck: "false", translate: "no", "aria-label": t("Caption")});
        this.box.value = caption;
        this.behind = h("div", {class: "tt-behind", "aria-hidden": "true", translate: "no"});
        const written = () => writtenAt(this.box.value, this.box.selectionStart, shape().separator);
        const offers = completes(this.box, {
            word: () => (completesTags() && written().word) || null,
            has: (tag) =>
                itemsOf(lineOf(this.box.value), shape())
                    .filter((item) => item !== written().word)
                    .map(sameTag)
                    .includes(sameTag(tag)),
            take: (tag) => {
                const {text, caret} = completed(this.box.value, written(), tag, shape().separator);
                this.box.value = text;
                this.box.setSelectionRange(caret, caret);
                this.box.dispatchEvent(new Event("input"));
            },
        });
        this.element = h("div", {class: "tt-written"}, this.behind, this.box, offers);
    }

    /** @param {import("./counter.mjs").Counted | null} counted @param {string[]} parts of the first line */
    show(counted, parts) {
        const cut = (counted && cutAt(counted)) ?? parts.length,
            [kept, rest] = [parts.slice(0, cut).join(""), parts.slice(cut).join("")];
        const more = this.box.value.slice(lineOf(this.box.value).length);
        this.behind.replaceChildren(kept, rest && h("mark", {}, rest), `${more}\n`);
    }
}
