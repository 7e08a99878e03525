// The moving parts of the Train Tools tab. Everything shown comes from the routes below train-tools/, so that any
// browser, reloaded or new, shows the same. Nothing here decides what Python could decide.
(function () {
    "use strict";
    const BUSY_MS = 500, IDLE_MS = 4000, UNSEEN_MS = 500, SILENT_MS = 4000, PLAN_DELAY_MS = 250, ALL_SEEN = 1e15;
    const PHASES = {starting: "Starting", working: "Preparing", training: "Training", paused: "Paused", finished: "Finished",
        stopped: "Stopped", failed: "Failed", idle: ""};
    const state = {project: "", version: "", settings: {}, curve: [], since: 0, curveOf: "", at: null, drawn: "", changes: -1,
        seen: null, taken: ["", "", null], cause: "", stale: false, timer: 0, planTimer: 0, planNumber: 0, listed: [], columns: [], sheets: [], pictures: 0};

    const page = () => (typeof gradioApp === "function" ? gradioApp() : document);
    const find = (selector) => page().querySelector(selector);
    const text = (value) => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
    // With our name before them: other files of the language translate short words too, in another sense.
    const t = (words) => (typeof getTranslation === "function" && getTranslation(`Train Tools: ${words}`)) || words;

    const HEADERS = {"Content-Type": "application/json", "X-Train-Tools": "1"};
    async function call(route, asked) {
        const options = asked === undefined ? {} : {method: "POST", headers: HEADERS, body: JSON.stringify(asked)};
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
    function labelOf(setting) {
        const label = find(`#train_tools_${CSS.escape(setting)} :is([data-testid="block-info"], label > span)`);
        return (label && label.textContent.trim()) || (setting === "disk" ? t("Disk space") : setting);
    }
    const namesFile = (problem) => problem.setting === "picture" || problem.setting === "caption";
    const problemsHtml = (problems) => problems.map((p) => `<li><a href="#" data-act="goto" data-setting="${text(p.setting)}" title="${text(p.setting)}">` +
        `${text(namesFile(p) ? p.value.split(/[\\/]/).pop() : labelOf(p.setting))}</a>: ${text(p.remedy)}</li>`).join("");
    function showError(error, title) {
        const box = find(".tt-error");
        if (!box) return;
        box.hidden = !error;
        state.cause = error ? error.cause || "act" : "";
        if (!error) return;
        const listed = error.changed ? changedHtml(error) : problemsHtml(error.problems || []);
        box.innerHTML = `<b>${t(title || "This cannot be done yet")}</b>` + (listed ? `<ul>${listed}</ul>` : `<div>${text(error.message)}</div>`);
        mark(error.problems);
    }
    // A message goes when its cause goes.
    const over = (...causes) => { if (causes.includes(state.cause)) showError(null); };
    // What a run was made from is not what lies there now: back to it, or on with this.
    function changedHtml(error) {
        const lines = [...error.changed, error.remedy].filter(Boolean).map((line) => `<li>${text(line)}</li>`).join("");
        return `<li>${t("What the run was made from has changed. Put it back, go on with what is there now, or start a new run.")}</li>` +
            lines + `<li class="tt-acts">${act("resume-changed", "Go on with the changes")}</li>`;
    }
    function goTo(name) {
        const input = find(`#train_tools_${CSS.escape(name)}`) || find("#train_tools_pictures");  // a picture or caption
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
    const names = () => [...JSON.parse((find(".tt-names") || {textContent: "[]"}).textContent), "preset"];
    function changed(all) {
        const before = `${state.project}/${state.version}`;
        [state.project, state.version] = [all[0] || "", all[1] || ""];
        state.settings = Object.fromEntries(names().map((name, i) => [name, all[i + 2]]));
        state.settings.preset = state.settings.preset || "";
        window.trainTools.formShows(here(), state.settings);
        if (before !== `${state.project}/${state.version}`) {
            over("project", "settings", "act", "run");
            poll();
        }
        try { localStorage.setItem("train_tools", JSON.stringify(here())); } catch (error) { /* private window */ }
        clearTimeout(state.planTimer);
        state.planTimer = setTimeout(plan, PLAN_DELAY_MS);
    }
    async function plan() {
        const place = find(".tt-plan");
        if (!place) return;
        await Promise.resolve(window.trainTools.keepSettings()).catch(() => null);  // without an answer they wait
        state.stale = !seen();
        if (state.stale) return;
        window.trainTools.showPreset(state.settings);
        if (!state.project || !state.version) {
            place.innerHTML = `<div class="tt-empty">${t("Make a project to begin: press New beside Project.")}</div>`;
            find(".tt-checkpoints").innerHTML = "";
            window.trainTools.showPictures();
            return;
        }
        const number = ++state.planNumber;
        const found = await call("plan", here()).catch(() => null);
        if (!found || number !== state.planNumber) return;
        const problems = (found.error ? found.error.problems : found.problems) || [];
        const fresh = problems.length === 1 && problems[0].setting === "train_data_dir" && problems[0].value === "()";
        mark(fresh ? [] : problems);
        if (!problems.length || fresh) over("settings");
        if (fresh) place.innerHTML = `<div class="tt-empty"><a href="#" data-act="goto" data-setting="train_data_dir">${t("Now add pictures")}</a>: ` +
            `${t("drop them on the Pictures page, or name a folder there.")}</div>`;
        else place.innerHTML = found.error && !problems.length ? `<div class="tt-empty">${text(found.error.message)}</div>` : planHtml(found, problems);
        state.pictures = found.preview_pictures || 0;
        labelPreviews();
        window.trainTools.showPictures();
    }
    function labelPreviews() {
        const label = t("Preview all") + (state.pictures ? ` (${t("{} pictures").replace("{}", state.pictures)})` : "");
        for (const button of page().querySelectorAll('#train_tools_root [data-act="preview-all"]')) button.textContent = label;
    }
    function planHtml(found, problems) {
        const wrong = problemsHtml(problems);
        const figures = found.error ? "" : `<div class="tt-cards">` +
            card(found.pictures, "pictures") + card(found.steps, "steps") + card(found.epochs, "epochs") +
            card(found.saves, "checkpoints") + card(size(found.memory_bytes), "memory") +
            (found.seconds ? card(`~${span(found.seconds)}`, "time", "At the speed of the newest run of this kind; previews made meanwhile come on top.") : "") + "</div>" +
            (found.seconds || !found.pictures ? "" : `<div class="tt-fine">${t("Time: known after the first run of this kind.")}</div>`) +
            `<details><summary>${t("Details")}</summary><pre>${text(found.text)}</pre></details>`;
        return figures + (wrong ? `<ul class="tt-wrongs">${wrong}</ul>` : "");
    }
    const card = (value, label, title = "") => `<div class="tt-card" title="${t(title)}"><b>${text(value)}</b><span>${t(label)}</span></div>`;
    function span(seconds) {
        if (Math.round(seconds) < 60) return t("{} s").replace("{}", Math.max(1, Math.round(seconds)));
        const minutes = Math.round(seconds / 60), hours = Math.floor(minutes / 60);
        return hours ? t("{} h {} min").replace("{}", hours).replace("{}", minutes % 60) : t("{} min").replace("{}", minutes);
    }
    const size = (bytes) => bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GB` : `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MB`;
    const clock = (s) => s >= 3600 ? `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}:${String(Math.floor(s) % 60).padStart(2, "0")}`
        : `${Math.floor(s / 60)}:${String(Math.floor(s) % 60).padStart(2, "0")}`;

    // ---- the run panel
    async function poll() {
        clearTimeout(state.timer);
        if (!seen()) { state.timer = setTimeout(poll, UNSEEN_MS); return; }  // which looks, and asks nobody
        const of = here(), since = state.seen && !state.seen.busy ? ALL_SEEN : state.since, silent = setTimeout(showGone, SILENT_MS, true);
        const found = await call(`status?${query({...of, since})}`).catch(() => null);
        clearTimeout(silent);
        const answers = Boolean(found && found.phase);
        showGone(!answers, found && found.error);
        if (answers) {
            show(found);
            if (of.project === state.project && of.version === state.version) window.trainTools.followSettings(found.revision);
            if (state.stale) plan();
        }
        clearTimeout(state.timer);
        state.timer = setTimeout(poll, answers && found.busy ? BUSY_MS : IDLE_MS);
    }
    const seen = () => !document.hidden && Boolean(find(".tt-panel") && find(".tt-panel").offsetParent);
    function showGone(gone, error) {
        const box = find(".tt-gone");
        if (!box) return;
        const words = error && !/^(HTTP |Not Found)/.test(error.message) ? error.message : t("The WebUI does not answer; the run goes on if it still lives. This page looks again by itself.");
        if (gone && box.textContent !== words) box.textContent = words;
        if (!gone && !box.hidden) [state.changes, state.stale] = [-1, true];  // another process may answer now
        box.hidden = !gone;
    }
    function show(found) {
        const before = state.seen;
        state.seen = found;
        const ours = !found.project || (found.project === state.project && found.version === state.version);
        showOther(found, ours);
        find(".tt-base").innerHTML = found.host_problem ? `<span class="tt-warn">${text(found.host_problem)}</span>`
            : `${t("Base")}: <b>${text(found.base_model)}</b>`;
        const newest = (found.runs || [])[0];
        find('[data-act="train"]').hidden = found.busy;
        find('[data-act="train"]').disabled = Boolean(found.host_problem) || !state.project;
        const stop = find('[data-act="stop"]');
        stop.hidden = !found.busy || !ours;
        stop.textContent = t(found.kind === "preview" ? "Stop" : "Stop and save");
        const again = find('[data-act="resume"]');
        again.hidden = found.busy || !newest || !newest.resumable || Boolean(newest.held);
        if (newest) again.textContent = `${t("Resume")} ${newest.name} (${t("step")} ${newest.state_step})`;
        const told = `${found.job}/${found.phase}/${ours}`;
        if (state.told !== told) {
            state.told = told;
            if (found.phase === "failed" && found.error && ours) showError({...found.error, cause: "run"}, "Failed");
            else if (found.phase !== "idle") over("run", "settings", "act");
        }
        if (before && before.busy && (!found.busy || before.job !== found.job)) plan();
        showOutcome(found, ours, newest);
        showNow(ours ? found.wishes : {...found.wishes, training: false});
        showQueue(found);
        showBar(found, ours);
        follow(found, ours, newest);
        const latest = find(".tt-latest");
        latest.hidden = !found.picture || !ours;
        if (!latest.hidden && latest.dataset.path !== found.picture) {
            latest.src = `./train-tools/file?${query({path: found.picture})}`;
            latest.dataset.path = found.picture;
        }
        const messages = find(".tt-messages"), lines = [...(ours && found.messages || [])].reverse().map((line) => `<div>${text(line)}</div>`).join("");
        if (messages.dataset.html !== lines) { messages.innerHTML = lines; messages.dataset.html = lines; }  // a selection stays
        const key = `${found.changes}/${state.project}/${state.version}`;
        if (key !== state.changes) { state.changes = key; checkpoints(); }
    }
    // The run of another project or version is one line, and a way to it.
    function showOther(found, ours) {
        const box = find(".tt-other"), name = `${found.project} / ${found.version}`;
        box.hidden = ours || !found.busy;
        if (box.hidden) return;
        const steps = found.total_steps ? ` ${found.step} / ${found.total_steps}` : "";
        const html = `<span>${t(found.kind === "preview" ? "Previews of" : "Training")}: <b>${text(name)}</b>${steps}</span>${act("show-running", "Show")}`;
        if (box.dataset.html !== html) { box.innerHTML = html; box.dataset.html = html; }
    }
    // ---- what came of it, and what one does next
    const NEXT = {
        finished: "Look at the pictures below and take the earliest checkpoint that shows your subject.",
        stopped: "Everything up to here is saved.",
        failed: "What was saved before is kept.",
        paused: "The model is free meanwhile. Keep this checkpoint loaded: another one ends the run, which you can resume later.",
    };
    // What is left of a run that ended without a word, by what lies on the disk.
    function leftWords(run) {
        if (run.held) return `${t("Another process trains it:")} ${text(run.held)}`;
        if (!run.resumable) return t("It ended before its first state was saved, so it cannot be resumed. Press Train to start it anew with the same settings.");
        const lost = run.step - run.state_step;
        if (lost <= 0) return t(NEXT.stopped);
        return fill(t("Resume goes on after step {}. The log goes to step {}: {} steps are lost."), run.state_step, run.step, lost);
    }
    const fill = (words, ...values) => values.reduce((filled, value) => filled.replace("{}", value), words);
    function showOutcome(found, ours, newest) {
        const box = find(".tt-outcome"), training = found.kind !== "preview";
        const phase = ours ? found.phase : "idle", paused = phase === "paused", left = phase === "idle" && newest && !newest.finished;
        box.hidden = !paused && ((found.busy && ours) || (!left && !NEXT[phase]));
        if (box.hidden) return;
        const listed = state.listed.length;
        const title = paused ? `${t("Paused after step")} ${found.step}` : left ? `${newest.name}: ${t("stopped at step")} ${newest.step}` : `${t(PHASES[phase])}: ${text(found.outcome || "")}`;
        const acts = (listed && training && !found.busy ? act("preview-all", "Preview all") : "") + (listed && phase === "finished" ? act("install-newest", "Install newest") : "");
        const html = (phase === "failed" ? "" : `<b>${title}</b>`) + `<span>${left ? leftWords(newest) : t(NEXT[phase])}</span>` +
            (acts ? `<div class="tt-acts">${acts}</div>` : "");
        if (box.dataset.html !== html) { box.innerHTML = html; box.dataset.html = html; labelPreviews(); }
    }
    // ---- what can be asked of a run while it goes on
    function showNow(wishes) {
        find(".tt-now").hidden = !wishes.training;
        const why = wishes.why_no_sample ? `<small>${t(wishes.why_no_sample)}</small>` : "";
        label("sample", wishes.sampling ? t("Sampling...") : t("Sample now") + why, wishes.sampling || why,
            "Saves a checkpoint when this step is done and makes its pictures; then training goes on.");
        label("pause", t("Pause"), false, "Stands still when this step is done, with the model free for generating, until you press Continue.");
        const [shown, hidden] = wishes.pausing ? ["continue", "pause"] : ["pause", "continue"];
        const focused = document.activeElement === find(`[data-act="${hidden}"]`);
        find(`[data-act="${shown}"]`).hidden = false;
        find(`[data-act="${hidden}"]`).hidden = true;
        if (focused && wishes.training) find(`[data-act="${shown}"]`).focus();
    }
    function label(action, html, off, title) {
        const button = find(`[data-act="${action}"]`);
        if (button.dataset.html !== html) { button.innerHTML = html; button.dataset.html = html; }
        button.setAttribute("aria-disabled", Boolean(off));  // still in reach of keys: it says why it is off
        button.title = t(title);
    }
    // ---- trainings that wait for their turn, and how those before them ended
    function showQueue(found) {
        const box = find(".tt-queue"), {waiting, held, ended} = found.queue;
        const add = find('[data-act="add"]');
        add.hidden = !found.busy && !waiting.length;
        add.title = t("Trains later with the settings of now; you can change them for the next one.");
        box.hidden = !waiting.length && !ended.length;
        const name = (job) => `${text(job.project)} / ${text(job.version)}`;
        const past = ended.map((job) => `<li class="tt-${text(job.phase)}" title="${text(job.text)}">${name(job)}: ` +
            `${t(PHASES[job.phase])}${job.phase === "failed" ? `: ${text(job.text)}` : ""}</li>`);
        const next = waiting.map((job) => `<li><b>${name(job)}</b><span class="tt-fine">${job.steps} ${t("steps")}</span>` +
            `<button class="sm secondary gradio-button" data-act="unqueue" data-number="${job.number}" ` +
            `aria-label="${t("Remove")} ${name(job)}">${t("Remove")}</button></li>`);
        const html = `<h4>${t("Queue")}</h4>` + (past.length ? `<ul class="tt-past">${past.join("")}</ul>` : "") +
            (next.length ? `<ol>${next.join("")}</ol>` : "") + (held ? `<div class="tt-held" role="status"><span>${t("The queue waits")}: ` +
            `${text(t(held))}</span>${act("go-on", "Go on with the queue")}</div>` : "");
        if (box.dataset.html === html) return;
        const within = box.contains(document.activeElement);
        box.innerHTML = html;
        box.dataset.html = html;
        if (within) (box.querySelector("button") || find('.tt-run-buttons button:not([hidden])')).focus();
    }
    // The running job's losses as they come; of an earlier run those in its log.
    async function follow(found, ours, newest) {
        const live = found.busy && ours && found.kind !== "preview";
        const of = live ? `job ${found.job}` : newest ? `${state.project}/${state.version}/${newest.name}/${newest.step}` : "";
        if (live) {
            if (state.curveOf !== of) [state.curve, state.since, state.curveOf, state.at] = [[], 0, of, null];
            else for (const [step, loss] of found.curve) if (step > state.since) { state.curve.push([step, loss]); state.since = step; }
        } else if (!(found.busy && ours) && state.curveOf !== of) {
            [state.curve, state.since, state.curveOf, state.at] = [[], 0, of, null];
            if (newest) state.curve = (await call(`curve?${query({...here(), run: newest.name})}`)).curve || [];
        }
        draw();
    }
    function showBar(found, ours) {
        const bar = find(".tt-bar"), figures = find(".tt-figures");
        bar.hidden = found.phase === "idle" || !ours;
        if (bar.hidden) { figures.textContent = ""; return; }
        const training = found.total_steps && (found.phase === "training" || found.phase === "paused" || !found.what);
        const [done, total] = training ? [found.step, found.total_steps] : [found.done || 0, found.total || 1];
        const share = found.phase === "finished" ? 1 : done / total;
        bar.firstElementChild.style.width = `${(100 * share).toFixed(1)}%`;
        bar.setAttribute("aria-valuenow", Math.round(100 * share));
        const what = found.phase === "working" ? t(found.what) : t(PHASES[found.phase] || found.phase);
        bar.querySelector("span").textContent = `${what} ${found.phase === "starting" ? "" : `${done} / ${total}`}`;
        const parts = [];
        if (found.epoch) parts.push(`${t("epoch")} ${found.epoch}/${found.epochs}`);
        if (found.loss !== undefined) parts.push(`${t("loss")} ${found.loss.toFixed(4)}`);
        if (found.speed) parts.push(found.speed >= 1 ? `${found.speed.toFixed(2)} it/s` : `${(1 / found.speed).toFixed(2)} s/it`);
        if (found.wishes.training && found.wishes.pausing && found.phase !== "paused") parts.push(t("pausing after this step"));
        if (found.eta !== undefined) parts.push(t("{} left").replace("{}", clock(found.eta)));
        figures.textContent = parts.join("   ");
    }
    const resized = new ResizeObserver(() => draw());
    function draw() {
        const canvas = find(".tt-curve");
        canvas.hidden = state.curve.length < 2;
        resized.observe(canvas);
        if (canvas.hidden || !canvas.clientWidth) return;
        const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = 150;
        const drawn = `${state.at} ${state.curveOf} ${state.curve.length} ${width} ${ratio} ${getComputedStyle(canvas).color}`;
        if (state.drawn === drawn) return;
        state.drawn = drawn;
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
        showStep(x, y, pen, smooth);
    }
    // The pointed step: by the pointer, or by arrow keys.
    function showStep(x, y, pen, smooth) {
        const i = state.curve.findIndex((point) => point[0] >= state.at), says = find(".tt-readout");
        says.hidden = state.at === null || i < 0;
        if (says.hidden) return;
        const [step, loss] = state.curve[i];
        says.textContent = `${t("step")} ${step}   ${t("loss")} ${smooth[i].toFixed(4)} ${t("smoothed")}, ${loss.toFixed(4)} ${t("this step")}`;
        pen.globalAlpha = 0.5;
        pen.fillRect(x(step), 4, 1, 126);
        pen.globalAlpha = 1;
        for (const value of [loss, smooth[i]]) {
            pen.beginPath();
            pen.arc(x(step), y(value), 3, 0, 7);
            pen.fill();
        }
    }
    function point(step) {
        if (state.at === step) return;
        state.at = step;
        draw();
    }
    const onCurve = (event) => event.target.matches && event.target.matches("#train_tools_root .tt-curve") && state.curve.length > 1;
    function onPointer(event) {
        if (!onCurve(event)) { if (state.at !== null && document.activeElement !== find(".tt-curve")) point(null); return; }
        const first = state.curve[0][0], last = state.curve[state.curve.length - 1][0];
        const share = (event.offsetX - 44) / (event.target.clientWidth - 52);
        point(Math.round(first + Math.min(1, Math.max(0, share)) * (last - first)));
    }
    function onCurveKey(event) {
        if (!onCurve(event)) return;
        const last = state.curve.length - 1, at = state.at === null ? last : state.curve.findIndex((one) => one[0] >= state.at);
        const far = event.shiftKey ? Math.ceil(last / 20) : 1;
        const to = {ArrowLeft: at - far, ArrowRight: at + far, Home: 0, End: last}[event.key];
        if (event.key === "Escape") return point(null);
        if (to === undefined) return;
        event.preventDefault();
        point(state.curve[Math.min(last, Math.max(0, to))][0]);
    }

    // ---- checkpoints: a row of pictures each, the same prompt, seed and weight below each other
    const shotOf = (path) => (/-p(\d+)-s(\d+)-w(-?[\d.]+(?:e-?\d+)?)(?:-\d+)?\.png$/.exec(path) || []).slice(1, 4).map(Number);
    const shots = (paths) => new Map(paths.map((path) => [shotOf(path).join(" "), path]));  // the newest of each
    function columnsOf(listed, base) {
        const rows = listed.map((c) => shots(c.previews)), found = new Set(rows.flatMap((row) => [...row.keys()]));
        const shown = new Set([...found].map((key) => key.split(" ").slice(0, 2).join(" ")));
        for (const key of base.keys()) if (shown.has(key.split(" ").slice(0, 2).join(" "))) found.add(key);
        found.delete("");
        const keys = [...found].map((key) => key.split(" ").map(Number)).sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
        return keys.map(([prompt, seed, weight]) => {
            const key = `${prompt} ${seed} ${weight}`;
            return {prompt, seed, weight, paths: rows.map((row) => row.get(key) || (weight === 0 && row.size ? base.get(key) : undefined))};
        });
    }
    async function checkpoints() {
        const place = find(".tt-checkpoints");
        if (!place || !state.project || !state.version) return;
        const found = await call(`checkpoints?${query(here())}`);
        if (found.error) { place.innerHTML = `<div class="tt-empty">${text(found.error.message)}</div>`; return; }
        const listed = state.listed = found.checkpoints;
        state.columns = columnsOf(listed, shots(found.base));
        state.sheets = found.grids.slice(0, 6);
        const head = `<div class="tt-head"><h3>${t("Checkpoints")}${listed.length ? ` <span class="tt-fine">${listed.length}</span>` : ""}</h3><span>` +
            (listed.length ? act("preview-all", "Preview all", "A sheet of all checkpoints with the settings of the Previews page") : "") + "</span></div>";
        const sheets = state.sheets.map((path, i) => `<a href="${fileOf(path)}" data-row="${i}" data-column="-1">` +
            `<img class="tt-sheet" loading="lazy" alt="${t("Comparison sheet")} ${i + 1}" src="${thumbOf(path)}"></a>`).join("");
        const html = head + (sheets ? `<div class="tt-sheets">${sheets}</div>` : "") + (listed.map(rowHtml).join("") ||
            `<div class="tt-empty">${t("No checkpoints yet. Add pictures and press Train: each save appears here.")}</div>`);
        if (place.dataset.html !== html) { place.innerHTML = html; place.dataset.html = html; }
        labelPreviews();
    }
    const fileOf = (path) => `./train-tools/file?${query({path})}`, thumbOf = (path) => `./train-tools/thumb?${query({path})}`;
    const act = (name, label, title = "") => `<button class="sm secondary gradio-button" data-act="${name}" title="${t(title)}">${t(label)}</button>`;
    const ageOf = (c) => [c.epoch === null ? "" : `${t("epoch")} ${c.epoch}`, c.step === null ? "" : `${t("step")} ${c.step}`].filter(Boolean).join("   ");
    const shotText = (column) => [`${t("weight")} ${column.weight}`, several("seed") ? `${t("seed")} ${column.seed}` : "",
        several("prompt") ? `${t("prompt")} ${column.prompt}` : ""].filter(Boolean).join(", ");
    const several = (what) => new Set(state.columns.map((column) => column[what])).size > 1;
    function rowHtml(c, row) {
        const facts = [ageOf(c), c.loss === null ? "" : `${t("loss")} ${c.loss.toFixed(4)}`, size(c.bytes)].filter(Boolean).join("   ");
        const cells = state.columns.map((column, i) => column.paths[row] ? `<a href="${fileOf(column.paths[row])}" data-row="${row}" data-column="${i}" ` +
            `title="${shotText(column)}"><img loading="lazy" alt="${shotText(column)}" src="${thumbOf(column.paths[row])}"><i>${column.weight}</i></a>` : "<span></span>");
        const none = `<span class="tt-fine">${t("No pictures of it yet: press Preview.")}</span>`;
        return `<div class="tt-row" data-name="${text(c.name)}"><div class="tt-about"><b>${text(c.name)}</b><span class="tt-fine">${facts}</span></div>` +
            `<div class="tt-strip">${state.columns.some((column) => column.paths[row]) ? cells.join("") : none}</div>` +
            `<div class="tt-acts">${act("preview", "Preview")}${act("install", c.installed ? "✓ Installed" : "Install to Lora")}` +
            `<a class="sm secondary gradio-button" href="./train-tools/download?${query({...here(), name: c.name})}">${t("Download")}</a>${act("delete", "Delete")}</div></div>`;
    }

    // ---- a picture, large: left and right go to the checkpoint beside it, up and down to its other weights and prompts
    function pathAt(row, column) { return column < 0 ? state.sheets[row] : (state.columns[column] || {paths: []}).paths[row]; }
    function beside(row, column, key) {
        const down = {ArrowUp: -1, ArrowDown: 1}[key] || 0, across = {ArrowLeft: 1, ArrowRight: -1}[key] || 0;  // newest is first
        if (down && column < 0) return null;
        for (let i = 1; i < 1000; i++) {
            const at = [row + across * i, column + down * i];
            if (at[0] < 0 || at[1] < -1 || (down && at[1] < 0) || at[0] >= Math.max(state.listed.length, state.sheets.length) || at[1] >= state.columns.length) return null;
            if (pathAt(...at)) return at;
        }
        return null;
    }
    function open(row, column) {
        const path = pathAt(row, column);
        if (!path) return;
        const box = find(".tt-large") || document.createElement("div"), checkpoint = column < 0 ? null : state.listed[row];
        const says = checkpoint ? [ageOf(checkpoint) || checkpoint.name, shotText(state.columns[column])].join("   ") : path.split(/[\\/]/).pop();
        const turn = (key, sign, name) => beside(row, column, key) ? `<button class="tt-turn tt-${key}" data-turn="${key}" aria-label="${t(name)}">${sign}</button>` : "";
        const sends = checkpoint && state.columns[column].weight !== 0 && typeof switch_to_txt2img === "function";
        box.className = "tt-large";
        box.tabIndex = -1;
        box.setAttribute("role", "dialog");
        box.setAttribute("aria-modal", "true");
        box.setAttribute("aria-label", says);
        box.innerHTML = `<img alt="" src="${fileOf(path)}">` +
            turn("ArrowLeft", "‹", "Earlier checkpoint") + turn("ArrowRight", "›", "Later checkpoint") +
            `<div class="tt-fine">${text(says)}</div><div class="tt-acts">` + turn("ArrowUp", "↑", "Previous weight or prompt") + turn("ArrowDown", "↓", "Next weight or prompt") +
            (sends ? `<button class="gradio-button" data-large="send">${t("Send to txt2img")}</button>` : "") +
            `<a class="gradio-button" target="_blank" href="${fileOf(path)}">${t("Open")}</a><button class="gradio-button" data-large="close">${t("Close")}</button></div>`;
        const go = (key) => { const at = beside(row, column, key); if (at) open(...at); };
        box.onclick = async (event) => {
            const what = event.target.dataset.large;
            if (event.target.dataset.turn) return go(event.target.dataset.turn);
            if (what === "send") await send(path);
            if (what || event.target === box) close(row, column);
        };
        box.onkeydown = (event) => {
            event.stopPropagation();
            if (event.key === "Escape") close(row, column);
            if (event.key.startsWith("Arrow")) { event.preventDefault(); go(event.key); }
        };
        if (!box.isConnected) find("#train_tools_root").appendChild(box);
        box.focus();
    }
    function close(row, column) {
        const box = find(".tt-large"), link = find(`#train_tools_root a[data-row="${row}"][data-column="${column}"]`);
        if (box) box.remove();
        if (link) link.focus();
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
        train: () => call("train", {...here(), ...window.trainTools.revision()}),
        add: () => call("queue", {...here(), ...window.trainTools.revision()}),
        unqueue: (name, button) => call("queue/remove", {number: Number(button.dataset.number)}),
        pause: () => call("pause", {}),
        continue: () => call("continue", {}),
        sample: () => call("sample", {}),
        "go-on": () => call("queue/go-on", {}),
        stop: () => call("stop", {}),
        resume: () => call("resume", here()),
        "resume-changed": () => call("resume", {...here(), with_changes: true}),
        "preview-all": () => call("preview", here()),
        preview: (name) => call("preview", {...here(), files: [name]}),
        install: (name) => call("install", {...here(), name}),
        "install-newest": () => call("install", {...here(), name: state.listed[0].name}),
        delete: (name) => confirm(`${t("Move to the trash folder")}: ${name}?`) ? call("delete-checkpoint", {...here(), name}) : null,
    };
    const asks = {create: "Name", copy: "Name of the copy", rename: "New name"};
    const after = (name) => /\d+$/.test(name) ? name.replace(/\d+$/, (number) => Number(number) + 1) : `${name} 2`;
    function actOn(action) {
        const [verb, what] = action.split("-");
        const now = what === "project" ? state.project : state.version;
        let answer = "";
        if (verb === "delete") {
            if (!now || !confirm(`${t("Move to the trash folder")}: ${t(what === "project" ? "project" : "version")} ${now}?`)) return;
        } else {
            answer = prompt(t(asks[verb]), verb === "rename" ? now : what === "version" ? after(now || "v0") : "");
            if (!answer) return;
        }
        state.taken = [action, answer, null];
        find("#train_tools_go").click();
    }
    async function onClick(event) {
        const link = event.target.closest && event.target.closest("#train_tools_root a[data-row]");
        if (link && !event.ctrlKey && !event.metaKey && event.button === 0) {
            event.preventDefault();
            return open(Number(link.dataset.row), Number(link.dataset.column));
        }
        const button = event.target.closest && event.target.closest("#train_tools_root [data-act]");
        if (!button) return;
        event.preventDefault();
        const action = button.dataset.act;
        if (action === "goto") return goTo(button.dataset.setting);
        if (action === "show-running") {
            state.taken = ["show", "", {project: state.seen.project, version: state.seen.version}];
            return find("#train_tools_go").click();
        }
        if (/-(project|version)$/.test(action)) return actOn(action);
        const row = button.closest(".tt-row"), focused = document.activeElement === button;
        button.disabled = true;
        try {
            await window.trainTools.keepSettings();
            const found = await posts[action](row && row.dataset.name, button);
            const ofPlan = /^(train|add)$/.test(action) && found && found.error && (found.error.problems || []).length;
            if (found) showError(found.error && {...found.error, cause: ofPlan ? "settings" : "act"});
            if (found && !found.error && /^(install|delete)/.test(action)) await checkpoints();
        } catch (error) {
            showGone(true);
        } finally {
            button.disabled = false;
            if (focused) button.focus();  // a browser takes it from what is disabled
        }
        poll();
    }
    document.addEventListener("click", onClick);
    document.addEventListener("pointermove", onPointer);
    document.addEventListener("keydown", onCurveKey);
    document.addEventListener("focusout", (event) => { if (onCurve(event)) point(null); });
    document.addEventListener("scroll", (event) => {  // the same weight stays below itself
        if (!event.target.matches || !event.target.matches("#train_tools_root .tt-strip")) return;
        for (const strip of page().querySelectorAll("#train_tools_root .tt-strip")) strip.scrollLeft = event.target.scrollLeft;
    }, true);
    document.addEventListener("visibilitychange", poll);

    window.trainTools = {
        tools: {call, find, HEADERS, here, labelOf, names, namesFile, plan, query, showError, t, text},  // of the other scripts
        showPictures: () => {},
        showPreset: () => {},
        formShows: () => {},
        followSettings: () => {},
        keepSettings: () => {},
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
