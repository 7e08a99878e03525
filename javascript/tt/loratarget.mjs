// @ts-check
// Where a new LoRA file goes, and what it is called.
import {h} from "./dom.mjs";
import {choiceElement} from "./labelled.mjs";
import {state} from "./state.mjs";
import {t} from "./words.mjs";

/** @type {Record<string, string>} */
const PLACES = {
    beside: "Beside the file",
    version: "Among the checkpoints of this version",
    host: "LoRA folder of the WebUI",
};

/** Name of a file, or of a base model by its title, without folders, ending and hash. @param {string} file */
export const stemOf = (file) => (file.split(/[\\/:]/).pop() || "").replace(/\.(safetensors|ckpt|pt)( \[\w+\])?$/i, "");

export class LoraTarget {
    constructor() {
        this.place = this.wished = "beside";
        this.suggested = "";
        this.name = h("input", {type: "text", id: "tt-input-tool_name", "data-setting": "tool_name", autocomplete: "off",
            spellcheck: "false", translate: "no", maxlength: 200, "aria-describedby": "tt-problem-tool_name"}); // prettier-ignore
        this.choice = h("div");
        this.element = h("div", {class: "tt-fields"},
            h("div", {class: "tt-field", id: "train_tools_tool_name"},
                h("div", {class: "tt-label"}, h("label", {for: "tt-input-tool_name"}, t("Name of the new file"))), this.name,
                h("div", {class: "tt-problem", id: "tt-problem-tool_name"})),
            this.choice); // prettier-ignore
        this.offer(true);
    }

    /** @param {boolean} beside whether its first file lies where LoRA files belong */
    offer(beside) {
        const installs = !state.host || state.host.installs;
        const places = Object.keys(PLACES).filter((one) => (one === "beside" ? beside : one !== "host" || installs));
        this.place = places.includes(this.wished) ? this.wished : places[places.length - 1];
        this.choice.replaceChildren(choiceElement(t("Place"), places.map((one) => [one, t(PLACES[one])]), this.place, (place) => (this.place = this.wished = place))); // prettier-ignore
    }

    /** Suggest a name, unless somebody wrote another one. @param {string} stem of the file that it is made of
     * @param {string} how what is done with it */
    suggest(stem, how) {
        const untouched = this.name.value === this.suggested;
        this.suggested = stem ? `${stem}-${how}` : "";
        if (untouched) this.name.value = this.suggested;
    }
}
