// @ts-check
// When waiting jobs begin: what can be set for the queue.
import {find, h} from "./dom.mjs";
import {fieldOf} from "./field.mjs";
import {mark, showError} from "./messages.mjs";
import {changeQueue, queueSettings} from "./queue_api.mjs";
import {t} from "./words.mjs";

/** @type {import("./field.mjs").Field[]} */
let fields = [];
/** @type {Record<string, any>} */
let shown = {};

export const optionsElement = () =>
    h(
        "details",
        {class: "tt-queue-options tt-own-marks", toggle: draw},
        h("summary", {}, t("When it goes on")),
        h("div", {class: "tt-fields"}),
    );

/** The fields, when somebody opens them for the first time. */
async function draw() {
    const box = find(".tt-queue-options .tt-fields");
    if (box.childElementCount) return;
    const found = await queueSettings().catch(() => null);
    if (!found || found.error || box.childElementCount) return;
    fields = found.settings.map(
        (/** @type {any} */ one) =>
        fieldOf({...one, id: `queue_${one.name}`}, (value) => change(one.name, value), () => {}), // prettier-ignore
    );
    box.replaceChildren(...fields.map(({element}) => element));
    show();
}

/** @param {string} name @param {any} value */
async function change(name, value) {
    const found = await changeQueue({[name]: value}).catch(() => null);
    if (!found) return;
    const problems = (found.error && found.error.problems) || [];
    mark(
        problems.map((/** @type {any} */ one) => ({...one, setting: `queue_${one.setting}`})),
        find(".tt-queue-options"),
    );
    if (found.error && !problems.length) showError({...found.error, cause: "act"});
    if (!found.error) showOptions(found.queue.settings);
}

const show = () => fields.forEach((field) => field.show(shown[field.name]));

/** @param {Record<string, any>} settings of the queue, by name */
export function showOptions(settings) {
    if (JSON.stringify(settings) === JSON.stringify(shown)) return;
    shown = settings;
    show();
}
