// The moving parts of the Train Tools tab. Everything shown comes from the routes below train-tools/, so that any
// browser, reloaded or new, shows the same. Nothing here decides what Python could decide.
(function () {
    "use strict";
    const BUSY_MS = 500, IDLE_MS = 5000, PLAN_DELAY_MS = 250;
    const PHASES = {starting: "Starting", working: "Preparing", training: "Training", finished: "Finished",
        stopped: "Stopped", failed: "Failed", idle: ""};
    const state = {project: "", version: "", settings: {}, curve: [], since: 0, changes: -1, seen: null, taken: ["", ""],
        timer: 0, planTimer: 0, planNumber: 0, curveRun: ""};

    const page = () => (typeof gradioApp === "function" ? gradioApp() : document);
    const find = (selector) => page().querySelector(selector);
    const text = (value) => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
    const t = (words) => (typeof getTranslation === "function" && getTranslation(words)) || words;

    async function call(route, asked) {
        const options = asked === undefined ? {} : {method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify(asked)};
        const answer = await fetch(`./train-tools/${route}`, options);
        const found = await answer.json().catch(() => ({error: {message: `HTTP ${answer.status}`, problems: []}}));
        if (!answer.ok && !found.error) found.error = {message: found.detail || `HTTP ${answer.status}`, problems: []};
        return found;
    }
    const query = (facts) => new URLSearchParams(facts).toString();
    const here = () => ({project: state.project, version: state.version});

    // ---- errors stand at the settings they name, and as a list in the panel
    function mark(problems) {
        page().querySelectorAll("#train_tools_root .tt-problem").forEach((node) => node.remove());
        page().querySelectorAll("#train_tools_root .tt-wrong").forEach((node) => node.classList.remove("tt-wrong"));
        for (const problem of problems || []) {
            const input = find(`#train_tools_${CSS.escape(problem.setting)}`);
            if (!input) continue;
            input.classList.add("tt-wrong");
            const note = document.createElement("div");
            note.className = "tt-problem";
            note.textContent = t(problem.remedy);
            input.appendChild(note);
        }
    }
    function showError(error) {
        const box = find(".tt-error");
        if (!box) return;
        box.hidden = !error;
        if (!error) return;
        const listed = (error.problems || []).map((p) =>
            `<li><a href="#" data-act="goto" data-setting="${text(p.setting)}">${text(p.setting)}</a>: ${text(p.remedy)}</li>`);
        box.innerHTML = listed.length ? `<b>${t("Cannot start")}</b><ul>${listed.join("")}</ul>` : text(error.message);
        mark(error.problems);
    }
    function goTo(name) {
        const input = find(`#train_tools_${CSS.escape(name)}`);
        if (!input) return;
        const tab = input.closest(".tabitem");
        const tabs = [...page().querySelectorAll("#train_tools_pages > .tab-nav button")];
        const panes = [...page().querySelectorAll("#train_tools_pages > .tabitem")];
        if (tab && tabs[panes.indexOf(tab)]) tabs[panes.indexOf(tab)].click();
        const group = input.closest("[id^=train_tools_group_]");
        const fold = group && group.querySelector(".label-wrap:not(.open)");
        if (fold) fold.click();
        setTimeout(() => {
            input.scrollIntoView({block: "center"});
            const field = input.querySelector("input,textarea");
            if (field) field.focus();
        }, 60);
    }

    // ---- the plan follows each change
    function changed(all) {
        const names = JSON.parse((find(".tt-names") || {textContent: "[]"}).textContent);
        [state.project, state.version] = [all[0] || "", all[1] || ""];
        state.settings = Object.fromEntries(names.map((name, i) => [name, all[i + 2]]));
        try { localStorage.setItem("train_tools", JSON.stringify(here())); } catch (error) { /* private window */ }
        clearTimeout(state.planTimer);
        state.planTimer = setTimeout(plan, PLAN_DELAY_MS);
    }
    async function plan() {
        const place = find(".tt-plan");
        if (!place) return;
        if (!state.project || !state.version) {
            place.innerHTML = `<div class="tt-empty">${t("Make a project to begin: press New beside Project.")}</div>`;
            return;
        }
        const number = ++state.planNumber;
        const found = await call("plan", {...here(), settings: state.settings});
        if (number !== state.planNumber) return;
        const problems = found.error ? found.error.problems : found.problems;
        mark(problems);
        place.innerHTML = found.error && !(found.error.problems || []).length ? `<div class="tt-empty">${text(found.error.message)}</div>`
            : planHtml(found, problems);
        pictures();
    }
    function planHtml(found, problems) {
        const wrong = (problems || []).map((p) => `<li><a href="#" data-act="goto" data-setting="${text(p.setting)}">` +
            `${text(p.setting)}</a>: ${text(p.remedy)}</li>`).join("");
        const figures = found.error ? "" : `<div class="tt-cards">` +
            card(found.pictures, "pictures") + card(found.steps, "steps") + card(found.epochs, "epochs") +
            card(found.saves, "checkpoints") + card(size(found.memory_bytes), "memory") + "</div>" +
            `<details><summary>${t("Details")}</summary><pre>${text(found.text)}</pre></details>`;
        return figures + (wrong ? `<ul class="tt-wrongs">${wrong}</ul>` : "");
    }
    const card = (value, label) => `<div class="tt-card"><b>${text(value)}</b><span>${t(label)}</span></div>`;
    const size = (bytes) => bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GB` : `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MB`;
    const clock = (s) => s >= 3600 ? `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}:${String(Math.floor(s) % 60).padStart(2, "0")}`
        : `${Math.floor(s / 60)}:${String(Math.floor(s) % 60).padStart(2, "0")}`;

    // ---- pictures
    async function pictures() {
        const place = find(".tt-gallery");
        if (!place || !state.project || !state.version) return;
        const found = await call(`pictures?${query(here())}`);
        const listed = found.pictures || [];
        const head = listed.length ? `<div class="tt-count">${listed.length} ${t("pictures")}</div>`
            : `<div class="tt-empty">${t("No pictures yet. Drop some above, or paste a folder path.")}</div>`;
        const tiles = listed.map((p) => `<figure class="tt-tile" title="${text(p.caption)}"><img loading="lazy" alt="" ` +
            `src="./train-tools/picture?${query({...here(), index: p.index})}&n=${encodeURIComponent(p.name)}">` +
            `<span class="tt-badge">×${p.repeats}${p.reg ? " reg" : ""}</span><figcaption>${text(p.caption || p.name)}</figcaption></figure>`);
        const html = head + `<div class="tt-tiles">${tiles.join("")}</div>`;
        if (place.dataset.html !== html) { place.innerHTML = html; place.dataset.html = html; }
    }
    async function upload(files) {
        if (!state.project || !state.version) { showError({message: t("Make a project first: press New beside Project."), problems: []}); return; }
        const form = new FormData();
        for (const file of files) form.append("files", file);
        form.append("project", state.project);
        form.append("version", state.version);
        form.append("repeats", (find(".tt-repeats") || {value: "10"}).value);
        const answer = await fetch("./train-tools/upload", {method: "POST", body: form});
        const found = await answer.json().catch(() => ({}));
        showError(found.error || (found.refused && found.refused.length ? {message: found.refused.join("\n"), problems: []} : null));
        plan();
    }

    // ---- the run panel
    async function poll() {
        clearTimeout(state.timer);
        const panel = find(".tt-panel");
        let busy = false;
        if (panel && !document.hidden) {
            const found = await call(`status?${query({...here(), since: state.since})}`).catch(() => null);
            if (found && found.phase) { show(found); busy = found.busy; }
        }
        clearTimeout(state.timer);
        state.timer = setTimeout(poll, busy && panel.offsetParent ? BUSY_MS : IDLE_MS);
    }
    function show(found) {
        const before = state.seen;
        state.seen = found;
        const ours = !found.project || (found.project === state.project && found.version === state.version);
        find(".tt-base").innerHTML = found.host_problem ? `<span class="tt-warn">${text(found.host_problem)}</span>`
            : `${t("Base")}: <b>${text(found.base_model)}</b>`;
        const newest = (found.runs || [])[0];
        find('[data-act="train"]').hidden = found.busy;
        find('[data-act="train"]').disabled = Boolean(found.host_problem);
        find('[data-act="stop"]').hidden = !found.busy;
        const again = find('[data-act="resume"]');
        again.hidden = found.busy || !newest || !newest.resumable;
        if (newest) again.textContent = `${t("Resume")} ${newest.name} (${t("step")} ${newest.step})`;
        if (!before || before.phase !== found.phase || before.kind !== found.kind) {
            if (found.phase === "failed" && found.error) showError(found.error);
            else if (found.phase !== "idle") showError(null);
        }
        if (found.phase === "starting") { state.curve = []; state.since = 0; }
        for (const [step, loss] of found.curve || []) if (step > state.since) { state.curve.push([step, loss]); state.since = step; }
        showBar(found, ours);
        draw();
        const latest = find(".tt-latest");
        latest.hidden = !found.picture;
        if (found.picture && latest.dataset.path !== found.picture) {
            latest.src = `./train-tools/file?${query({path: found.picture})}`;
            latest.dataset.path = found.picture;
        }
        find(".tt-messages").innerHTML = [...(found.messages || [])].reverse().map((line) => `<div>${text(line)}</div>`).join("");
        const key = `${found.changes}/${state.project}/${state.version}`;
        if (key !== state.changes) { state.changes = key; checkpoints(); }
    }
    function showBar(found, ours) {
        const bar = find(".tt-bar"), figures = find(".tt-figures");
        bar.hidden = found.phase === "idle";
        if (bar.hidden) { figures.textContent = ""; return; }
        const training = found.total_steps && (found.phase === "training" || !found.what);
        const [done, total] = training ? [found.step, found.total_steps] : [found.done || 0, found.total || 1];
        const share = found.phase === "finished" ? 1 : done / total;
        bar.firstElementChild.style.width = `${(100 * share).toFixed(1)}%`;
        bar.setAttribute("aria-valuenow", Math.round(100 * share));
        const what = found.phase === "working" ? t(found.what) : t(PHASES[found.phase] || found.phase);
        bar.querySelector("span").textContent = `${what} ${found.phase === "starting" ? "" : `${done} / ${total}`}`;
        const parts = [];
        if (!ours) parts.push(`${found.project} / ${found.version}`);
        if (found.epoch) parts.push(`${t("epoch")} ${found.epoch}/${found.epochs}`);
        if (found.loss !== undefined) parts.push(`${t("loss")} ${found.loss.toFixed(4)}`);
        if (found.speed) parts.push(found.speed >= 1 ? `${found.speed.toFixed(2)} it/s` : `${(1 / found.speed).toFixed(2)} s/it`);
        if (found.eta !== undefined) parts.push(`${clock(found.eta)} ${t("left")}`);
        figures.textContent = parts.join("   ");
    }
    function draw() {
        const canvas = find(".tt-curve");
        canvas.hidden = state.curve.length < 2;
        if (canvas.hidden) return;
        const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth || 300, height = 150;
        canvas.width = width * ratio;
        canvas.height = height * ratio;
        const pen = canvas.getContext("2d"), style = getComputedStyle(canvas);
        pen.scale(ratio, ratio);
        const losses = state.curve.map((point) => point[1]), smooth = [];
        let mean = losses[0];
        for (const loss of losses) smooth.push(mean = 0.95 * mean + 0.05 * loss);
        const sorted = [...losses].sort((a, b) => a - b), low = sorted[0], high = sorted[Math.floor(sorted.length * 0.98)] || 1;
        const first = state.curve[0][0], last = state.curve[state.curve.length - 1][0];
        const x = (step) => 44 + (width - 52) * (step - first) / Math.max(1, last - first);
        const y = (loss) => height - 20 - (height - 32) * Math.min(1, (loss - low) / Math.max(1e-9, high - low));
        pen.font = "11px sans-serif";
        pen.fillStyle = style.color;
        pen.globalAlpha = 0.7;
        for (const loss of [low, (low + high) / 2, high]) pen.fillText(loss.toFixed(3), 4, y(loss) + 4);
        pen.fillText(first, 44, height - 5);
        pen.fillText(last, width - 8 - pen.measureText(last).width, height - 5);
        const line = (values, alpha, wide) => {
            pen.globalAlpha = alpha;
            pen.lineWidth = wide;
            pen.strokeStyle = style.getPropertyValue("--tt-accent") || "#f97316";
            pen.beginPath();
            values.forEach((loss, i) => pen[i ? "lineTo" : "moveTo"](x(state.curve[i][0]), y(loss)));
            pen.stroke();
        };
        line(losses, 0.25, 1);
        line(smooth, 1, 2);
    }

    // ---- checkpoints
    async function checkpoints() {
        const place = find(".tt-checkpoints");
        if (!place || !state.project || !state.version) return;
        const found = await call(`checkpoints?${query(here())}`);
        const listed = found.checkpoints || [], grids = found.grids || [];
        const head = `<div class="tt-head"><h3>${t("Checkpoints")}</h3><span>` + (listed.length
            ? `<button class="sm secondary gradio-button" data-act="preview-all">${t("Preview all")}</button>` : "") + "</span></div>";
        const sheets = grids.slice(0, 4).map((path) => `<a href="./train-tools/file?${query({path})}" target="_blank">` +
            `<img class="tt-sheet" loading="lazy" alt="Comparison" src="./train-tools/thumb?${query({path})}"></a>`).join("");
        const rows = listed.map((c) => `<div class="tt-row" data-name="${text(c.name)}"><div class="tt-about"><b title="${text(c.path)}">${text(c.name)}</b>` +
            `<span class="tt-fine">${[c.epoch === null ? "" : `${t("epoch")} ${c.epoch}`, c.step === null ? "" : `${t("step")} ${c.step}`,
                c.loss === null ? "" : `${t("loss")} ${c.loss.toFixed(4)}`, size(c.bytes)].filter(Boolean).join("   ")}</span></div>` +
            `<div class="tt-strip">${c.previews.slice(-8).map((path) => `<a href="./train-tools/file?${query({path})}" target="_blank">` +
            `<img loading="lazy" alt="Preview" title="${text(path.split(/[\\/]/).pop())}" src="./train-tools/thumb?${query({path})}"></a>`).join("")}</div>` +
            `<div class="tt-acts">${act("preview", "Preview")}${act("install", "Install to Lora")}` +
            `<a class="sm secondary gradio-button" href="./train-tools/download?${query({...here(), name: c.name})}">${t("Download")}</a>${act("delete", "Delete")}</div></div>`);
        place.innerHTML = head + (sheets ? `<div class="tt-sheets">${sheets}</div>` : "") + (rows.join("") ||
            `<div class="tt-empty">${t("No checkpoints yet. Add pictures and press Train.")}</div>`);
    }
    const act = (name, label) => `<button class="sm secondary gradio-button" data-act="${name}">${t(label)}</button>`;

    // ---- a picture, large: left and right go through its row, up and down to the rows beside it
    function open(link) {
        close();
        const box = document.createElement("div");
        box.className = "tt-large";
        box.tabIndex = 0;
        const image = link.querySelector("img");
        const path = new URL(link.href).searchParams.get("path");
        const sends = link.closest(".tt-strip") && typeof switch_to_txt2img === "function";
        box.innerHTML = `<img alt="" src="${text(link.href)}"><div class="tt-fine">${text(image.title || "")}</div><div class="tt-acts">` +
            (sends ? `<button class="gradio-button" data-large="send">${t("Send to txt2img")}</button>` : "") +
            `<a class="gradio-button" target="_blank" href="${text(link.href)}">${t("Open")}</a><button class="gradio-button" data-large="close">${t("Close")}</button></div>`;
        box.onclick = async (event) => {
            const what = event.target.dataset.large;
            if (what === "send") await send(path);
            if (what || event.target === box) close();
        };
        box.onkeydown = (event) => {
            if (event.key === "Escape") close();
            const next = neighbour(link, event.key);
            if (next) { event.preventDefault(); open(next); }
        };
        find("#train_tools_root").appendChild(box);
        box.focus();
    }
    const close = () => { const box = find(".tt-large"); if (box) box.remove(); };
    function neighbour(link, key) {
        const step = {ArrowLeft: -1, ArrowRight: 1}[key], row = {ArrowUp: -1, ArrowDown: 1}[key];
        const strip = [...link.parentElement.children];
        if (step) return strip[strip.indexOf(link) + step];
        const strips = [...page().querySelectorAll("#train_tools_root .tt-strip")];
        const other = row && strips[strips.indexOf(link.parentElement) + row];
        return other && (other.children[strip.indexOf(link)] || other.lastElementChild);
    }
    async function send(picture) {
        const found = await call("send", {...here(), picture});
        if (found.error) return showError(found.error);
        const prompt = find("#txt2img_prompt textarea");
        prompt.value = found.infotext;
        updateInput(prompt);
        switch_to_txt2img();
        setTimeout(() => find("#paste").click(), 100);
    }

    // ---- clicks
    const posts = {
        train: () => call("train", {...here(), settings: state.settings}),
        stop: () => call("stop", {}),
        resume: () => call("resume", here()),
        "preview-all": () => call("preview", {...here(), settings: state.settings}),
        preview: (name) => call("preview", {...here(), files: [name], settings: state.settings}),
        install: (name) => call("install", {...here(), name}),
        delete: (name) => confirm(`${t("Move to the trash folder")}: ${name}?`) ? call("delete-checkpoint", {...here(), name}) : null,
    };
    const asks = {create: "Name", copy: "Name of the copy", rename: "New name"};
    function actOn(action) {
        const [verb, what] = action.split("-");
        const now = what === "project" ? state.project : state.version;
        let answer = "";
        if (verb === "delete") {
            if (!now || !confirm(`${t("Move to the trash folder")}: ${what} ${now}?`)) return;
        } else {
            answer = prompt(t(asks[verb]), verb === "create" ? (what === "version" ? "v2" : "") : now);
            if (!answer) return;
        }
        state.taken = [action, answer];
        find("#train_tools_go").click();
    }
    async function onClick(event) {
        const link = event.target.closest && event.target.closest("#train_tools_root .tt-strip a, #train_tools_root .tt-sheets a");
        if (link && !event.ctrlKey && !event.metaKey && event.button === 0) {
            event.preventDefault();
            return open(link);
        }
        const button = event.target.closest && event.target.closest("#train_tools_root [data-act]");
        if (!button) {
            const drop = event.target.closest && event.target.closest("#train_tools_root .tt-drop");
            if (drop && !event.target.closest("input,label")) drop.querySelector("input[type=file]").click();
            return;
        }
        event.preventDefault();
        const action = button.dataset.act;
        if (action === "goto") return goTo(button.dataset.setting);
        if (/-(project|version)$/.test(action)) return actOn(action);
        const row = button.closest(".tt-row");
        button.disabled = true;
        try {
            const found = await posts[action](row && row.dataset.name);
            if (found) showError(found.error);
            if (found && found.path && action === "install") button.textContent = `✓ ${t("Installed")}`;
            if (found && action === "delete") checkpoints();
        } finally {
            button.disabled = false;
        }
        poll();
    }
    function onDrop(event) {
        const drop = event.target.closest && event.target.closest("#train_tools_root .tt-drop");
        if (!drop) return;
        event.preventDefault();
        event.stopPropagation();
        drop.classList.toggle("tt-over", event.type === "dragover");
        if (event.type === "drop") upload(event.dataTransfer.files);
    }
    document.addEventListener("click", onClick);
    document.addEventListener("change", (event) => {
        if (event.target.matches && event.target.matches("#train_tools_root .tt-drop input[type=file]")) {
            upload(event.target.files);
        }
    });
    for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, onDrop, true);
    document.addEventListener("keydown", (event) => {
        if ((event.key === "Enter" || event.key === " ") && event.target.matches && event.target.matches("#train_tools_root .tt-drop")) {
            event.target.querySelector("input[type=file]").click();
        }
    });
    document.addEventListener("visibilitychange", poll);

    window.trainTools = {
        changed,
        taken: () => state.taken,
        remembered: (project, version) => {
            try {
                const kept = JSON.parse(localStorage.getItem("train_tools") || "{}");
                return [kept.project || project, kept.version || version];
            } catch (error) { return [project, version]; }
        },
    };
    poll();
})();
