// What differs from the preset that was taken, and the way back to it.
(function () {
    "use strict";
    const {call, find, labelOf, t, text} = window.trainTools.tools;
    const state = {wanted: "", asked: 0};

    window.trainTools.wanted = () => state.wanted;
    window.trainTools.showPreset = async function (settings) {
        const number = ++state.asked, found = await call("preset", {settings});
        const place = find(".tt-preset");
        if (!place || found.error || number !== state.asked) return;  // what is wrong stands in the plan
        const before = place.querySelector("details"), html = presetHtml(found);
        if (place.dataset.html === html) return;
        const focused = place.contains(document.activeElement);
        place.innerHTML = html;
        place.dataset.html = html;
        const after = place.querySelector("details");
        if (before && after) after.open = before.open;
        const next = after ? after.querySelector("summary") : find("#train_tools_preset input");
        if (focused && next) next.focus();
    };
    function presetHtml(found) {
        if (!found.preset) return "";
        const about = found.about ? `<p>${text(t(found.about))}</p>` : "";
        if (!found.differs.length) return `${about}<div class="tt-same">${t("Everything is as in the preset.")}</div>`;
        const names = found.differs.map((one) => `${labelOf(one.setting)}: ${t(one.preset)} → ${t(one.now)}`).join("\n");
        return `${about}<details><summary title="${text(names)}">${t("Differs from preset")}: <b>${found.differs.length}</b></summary>` +
            `<table><thead><tr><th></th><th>${t("Preset")}</th><th>${t("Now")}</th><th></th></tr></thead><tbody>` +
            `${found.differs.map(rowHtml).join("")}</tbody></table>${backHtml("", t("All back to the preset"))}</details>`;
    }
    function rowHtml(one) {
        const label = text(labelOf(one.setting));
        return `<tr><td><a href="#" data-act="goto" data-setting="${text(one.setting)}">${label}</a></td><td>${text(t(one.preset))}</td>` +
            `<td><b>${text(t(one.now))}</b></td><td>${backHtml(one.setting, t("Back"), label)}</td></tr>`;
    }
    const backHtml = (setting, words, label = "") => `<button class="gradio-button" data-back="${text(setting)}" ` +
        `aria-label="${label ? `${words}: ${label}` : words}">${words}</button>`;
    document.addEventListener("click", (event) => {
        const button = event.target.closest && event.target.closest("#train_tools_root .tt-preset [data-back]");
        if (!button) return;
        state.wanted = button.dataset.back;
        find("#train_tools_back").click();
    });
})();
