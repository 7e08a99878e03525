// The pictures of a version: thumbnails, and a drawer with the chosen one and its caption, which saves itself.
(function () {
    "use strict";
    const {call, find, here, namesFile, plan, query, showError, t, text} = window.trainTools.tools;
    const state = {listed: [], tiles: [], open: null, asked: 0};
    const tidy = (caption) => caption.replace(/\r\n?/g, "\n").trim();
    const box = () => find(".tt-drawer textarea");

    // ---- thumbnails
    window.trainTools.showPictures = async function () {
        const place = find(".tt-gallery"), of = here(), known = of.project && of.version;
        if (!place) return;
        if (state.open && !sameVersion(state.open.of, of)) await close();
        const found = known ? await call(`pictures?${query(of)}`) : {};
        if (!sameVersion(of, here())) return;
        state.listed = found.pictures || [];
        const wrong = (found.problems || []).filter(namesFile);
        showTiles(place, headHtml(state.listed.length, wrong.length, known), [...wrong.map(wrongHtml), ...state.listed.map(tileHtml)]);
        follow();
    };
    const sameVersion = (one, other) => one.project === other.project && one.version === other.version;
    function headHtml(count, wrong, known) {
        const told = [count ? t("{} pictures").replace("{}", count) : "",
            wrong ? `<span class="tt-warn">${t("{} cannot be used").replace("{}", wrong)}</span>` : ""].filter(Boolean);
        if (told.length) return `<div class="tt-count">${told.join(", ")}</div>`;
        return known ? `<div class="tt-empty">${t("No pictures yet. Drop some above, or paste a folder path.")}</div>` : "";
    }
    const thumbOf = (p, more = "") => `./train-tools/picture?${query({...here(), index: p.index})}&n=${encodeURIComponent(p.name)}${more}`;
    const tileHtml = (p) => `<figure class="tt-tile" title="${text(p.caption)}"><button class="tt-pick" data-picture="${p.index}" aria-label="${text(p.name)}">` +
        `<img loading="lazy" alt="" src="${thumbOf(p)}"></button><span class="tt-badge">×${p.repeats}${p.reg ? " reg" : ""}</span>` +
        `<figcaption>${text(p.caption || p.name)}</figcaption></figure>`;
    const wrongHtml = (p) => `<figure class="tt-tile tt-bad" title="${text(p.remedy)}"><b>${text(p.value.split(/[\\/]/).pop())}</b>` +
        `<div>${text(p.remedy)}</div></figure>`;
    function showTiles(place, head, tiles) {  // those that are the same stay: neither place nor focus is lost
        const grid = place.querySelector(".tt-tiles"), held = document.activeElement;
        const name = place.contains(held) && held.getAttribute("aria-label");
        if (!grid || grid.children.length !== tiles.length) {
            place.innerHTML = `<div class="tt-top">${head}</div><div class="tt-tiles">${tiles.join("")}</div>`;
        } else {
            place.querySelector(".tt-top").innerHTML = head;
            tiles.forEach((tile, i) => { if (tile !== state.tiles[i]) grid.children[i].outerHTML = tile; });
        }
        state.tiles = tiles;
        const again = name && !place.contains(held) && place.querySelector(`.tt-pick[aria-label="${CSS.escape(name)}"]`);
        if (again) again.focus();
    }
    const pick = (index) => find(`.tt-gallery .tt-pick[data-picture="${index}"]`);

    // ---- the drawer
    async function open(index, focus = ".tt-drawer") {
        const picture = state.listed[index], of = here(), number = ++state.asked;
        if (!picture || !(await save())) return;
        const found = await call(`caption?${query({...of, index, name: picture.name})}`);
        if (number !== state.asked) return;
        showError(found.error || null);
        if (found.error) return plan();
        state.open = {...found, of};
        const drawer = find(".tt-drawer");
        drawer.hidden = false;
        drawer.setAttribute("aria-label", found.name);
        drawer.innerHTML = drawerHtml(found);
        find(focus).focus({preventScroll: true});
        follow();
    }
    function drawerHtml(p) {
        const turn = (by, sign, name) => `<button class="tt-turn" data-drawer="${by}" aria-label="${t(name)}" title="${t(name)}"` +
            `${state.listed[p.index + Number(by)] ? "" : " disabled"}>${sign}</button>`;
        const [left, top, width, height] = (p.crop || []).map((share) => `${(100 * share).toFixed(2)}%`);
        const cut = p.crop && (p.crop[2] < 0.995 || p.crop[3] < 0.995);
        const crop = cut ? `<div class="tt-crop" title="${t("What lies outside of the frame is cut off.")}" ` +
            `style="left:${left};top:${top};width:${width};height:${height}"></div>` : "";
        const facts = [`${p.width} × ${p.height}`, `${t("bucket")} ${p.bucket.join(" × ")}`, `${t("repeats")} ${p.repeats}`,
            p.reg ? t("regularisation") : "", text(p.folder)].filter(Boolean);
        return `<div class="tt-head"><h3>${text(p.name)}</h3><span>${turn("-1", "‹", "Previous picture")}` +
            `${turn("1", "›", "Next picture")}<button class="tt-turn" data-drawer="close" aria-label="${t("Close")}" title="${t("Close")}">×</button></span></div>` +
            `<div class="tt-whole"><div style="aspect-ratio:${p.width}/${p.height};width:min(100%,${(46 * p.width / p.height).toFixed(2)}vh)"><img alt="${text(p.name)}" src="${thumbOf(p, "&large=1")}">${crop}</div></div>` +
            `<div class="tt-facts">${facts.map((fact) => `<span>${fact}</span>`).join("")}</div>` +
            (p.notes.length ? `<ul class="tt-hints">${p.notes.map((note) => `<li>${t(note)}</li>`).join("")}</ul>` : "") +
            `<label class="tt-caption"><span>${t("Caption")}</span><textarea rows="5" spellcheck="false">${text(p.caption)}</textarea></label>` +
            `<div class="tt-saved" role="status" aria-live="polite"></div>` +
            `<div class="tt-fine">${t("Saves itself. Keys: ← and → for the neighbours, in the text Page Up and Page Down.")}</div>`;
    }
    function follow() {  // the list may have changed under the drawer
        for (const tile of document.querySelectorAll("#train_tools_root .tt-pick[aria-current]")) tile.removeAttribute("aria-current");
        if (!state.open) return;
        const at = state.listed.find((p) => p.name === state.open.name && p.folder === state.open.folder && p.reg === state.open.reg);
        if (at) state.open.index = at.index;
        if (at && pick(at.index)) pick(at.index).setAttribute("aria-current", "true");
    }
    async function close() {
        if (!state.open || !(await save())) return;
        const tile = pick(state.open.index);
        find(".tt-drawer").hidden = true;
        state.open = null;
        follow();
        if (tile) tile.focus();
    }
    async function turn(by, focus) {
        if (state.open) await open(state.open.index + by, focus);
    }

    // ---- the caption saves itself; what somebody else wrote meanwhile is not written over
    const changed = () => state.open && box() && tidy(box().value) !== state.open.caption;
    const asked = (now) => ({...now.of, index: now.index, name: now.name, replaces: now.caption, caption: box().value});
    async function save() {  // whether nothing is left to be written
        const now = state.open;
        if (!changed()) return true;
        if (now.conflict !== undefined) return false;
        if (now.saving) { await now.saving; return save(); }
        say(t("Saving..."));
        const sent = tidy(box().value);
        now.saving = call("caption", asked(now)).catch(() => ({error: {message: t("No answer. The text stays here; press Ctrl+Enter to try again.")}}));
        const found = await now.saving;
        now.saving = null;
        if (found.error) return refused(now, found.error);
        [now.caption, now.notes] = [sent, found.notes];
        if (state.open === now) say(t("Saved in {}").replace("{}", text(found.caption_file)));
        plan();
        return state.open !== now || save();
    }
    function say(html, wrong = false) {
        const place = find(".tt-drawer .tt-saved");
        if (!place) return;
        place.innerHTML = html;
        place.classList.toggle("tt-refused", wrong);
    }
    function refused(now, error) {
        if (error.present === undefined) say(text(error.message), true);
        else {
            now.conflict = error.present;
            say(`<b>${t("Somebody else changed this caption meanwhile:")}</b><blockquote>${text(error.present)}</blockquote><div class="tt-acts">` +
                `<button class="gradio-button" data-drawer="mine">${t("Keep mine")}</button><button class="gradio-button" data-drawer="theirs">${t("Take theirs")}</button></div>`, true);
            plan();
        }
        return false;
    }
    function settle(mine) {
        const now = state.open;
        now.caption = now.conflict;
        delete now.conflict;
        if (!mine) box().value = now.caption;
        say("");
        box().focus();
        return save();
    }

    // ---- clicks and keys
    document.addEventListener("click", (event) => {
        const target = event.target.closest && event.target.closest("#train_tools_root :is([data-picture], [data-drawer])");
        if (!target || target.disabled) return;
        const what = target.dataset.drawer;
        if (what === "close") close();
        else if (what === "mine" || what === "theirs") settle(what === "mine");
        else if (what) turn(Number(what));
        else open(Number(target.dataset.picture));
    });
    document.addEventListener("keydown", (event) => {
        const place = event.target.closest && event.target.closest("#train_tools_root .tt-pictures");
        if (!place) return;
        const writing = event.target.matches("textarea");
        const by = {[writing ? "PageUp" : "ArrowLeft"]: -1, [writing ? "PageDown" : "ArrowRight"]: 1}[event.key];
        if (by) {
            event.preventDefault();
            if (state.open) turn(by, writing ? ".tt-drawer textarea" : ".tt-drawer");
            else if (pick(Number(event.target.dataset.picture) + by)) pick(Number(event.target.dataset.picture) + by).focus();
        } else if (event.key === "Enter" && writing && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            save();
        } else if (event.key === "Escape" && state.open) {
            event.stopPropagation();  // to the WebUI this key means Interrupt
            if (writing) find(".tt-drawer").focus();  // which saves
            else close();
        }
    }, true);
    document.addEventListener("focusout", (event) => {
        if (event.target.matches && event.target.matches("#train_tools_root .tt-drawer textarea")) save();
    });
    window.addEventListener("pagehide", () => {
        if (!changed() || state.open.conflict !== undefined) return;
        fetch("./train-tools/caption", {method: "POST", keepalive: true, headers: {"Content-Type": "application/json", "X-Train-Tools": "1"}, body: JSON.stringify(asked(state.open))});
    });
})();
