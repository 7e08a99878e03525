// @ts-check
// Why a preset has a setting as it has it, beside the setting, as long as it has that value.
import {find, h} from "./dom.mjs";
import {differences} from "./preset.mjs";
import {answered} from "./settings.mjs";
import {on, state} from "./state.mjs";
import {t} from "./words.mjs";

function show() {
    const reasons = (answered() || {}).reasons || {},
        differs = differences();
    for (const {name} of state.declared) {
        const field = find(`#train_tools_${name}`),
            words = reasons[name] && !differs.has(name) ? t(reasons[name]) : "";
        if (!field) continue;
        let box = field.querySelector(".tt-reason");
        if (!box && words) field.append((box = h("small", {class: "tt-reason"})));
        if (!box) continue;
        box.hidden = !words;
        if (box.textContent !== words) box.textContent = words;
    }
}
on("settings", show);
