// Pictures and captions that are dropped or chosen, whole folders too: sent in parts, with where they lie in their folder.
(function () {
    "use strict";
    const {find, here, plan, showError, t} = window.trainTools.tools;
    const PART_FILES = 40, PART_BYTES = 64 * 2 ** 20, LISTED = 10;
    const zone = (event) => event.target.closest && event.target.closest("#train_tools_root .tt-drop");
    const input = () => find(".tt-drop input[type=file]");
    const hidden = (path) => path.split("/").some((part) => part.startsWith(".") || part.toLowerCase() === "__macosx");
    const taken = (path) => !hidden(path) && input().accept.split(",").some((ending) => path.toLowerCase().endsWith(ending));

    // ---- what was dropped: files, and everything in folders
    async function dropped(transfer) {
        const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
        if (!entries.length) return [...transfer.files].map((file) => ({file, path: file.name}));
        return (await Promise.all(entries.map(inside))).flat();
    }
    async function inside(entry) {
        const path = entry.fullPath.replace(/^\/+/, "");
        if (entry.isFile) return [{path, file: taken(path) ? await new Promise((done, failed) => entry.file(done, failed)) : null}];
        if (hidden(path)) return [{path, file: null}];
        const found = [], reader = entry.createReader();
        for (;;) {  // a reader gives a hundred at a time
            const some = await new Promise((done, failed) => reader.readEntries(done, failed));
            if (!some.length) break;
            found.push(...some);
        }
        const files = [];
        for (const one of found) files.push(...await inside(one));
        return files;
    }

    // ---- sending: a picture and its captions are in one part
    function partsOf(sent) {
        const stem = (one) => one.path.replace(/\.[^./]*$/, ""), parts = [];
        let part = [], bytes = 0, before = null;
        for (const one of [...sent].sort((a, b) => stem(a) < stem(b) ? -1 : 1)) {
            if (part.length && stem(one) !== before && (part.length >= PART_FILES || bytes + one.file.size > PART_BYTES)) {
                parts.push(part);
                [part, bytes] = [[], 0];
            }
            part.push(one);
            bytes += one.file.size;
            before = stem(one);
        }
        return part.length ? [...parts, part] : parts;
    }
    async function send(part, of) {
        const form = new FormData();
        for (const {file, path} of part) { form.append("files", file); form.append("paths", path); }
        form.append("project", of.project);
        form.append("version", of.version);
        form.append("repeats", (find(".tt-repeats") || {value: "10"}).value);
        const answer = await fetch("./train-tools/upload", {method: "POST", headers: {"X-Train-Tools": "1"}, body: form}).catch(() => null);
        if (!answer) return {error: {message: t("The upload was cut off; drop the files again."), problems: []}};
        return answer.json().catch(() => ({error: {message: `HTTP ${answer.status}`, problems: []}}));
    }
    async function upload(files) {
        const of = here(), says = find(".tt-drop b");
        if (!of.project || !of.version) return showError({message: t("Make a project first: press New beside Project."), problems: [], cause: "project"});
        const sent = files.filter((one) => one.file && taken(one.path)), all = {kept: 0, same: 0, renamed: 0, left_out: files.length - sent.length, refused: []};
        const said = says.dataset.said = says.dataset.said || says.textContent;
        let done = 0, failed = null;
        for (const part of partsOf(sent)) {
            says.textContent = `${t("Uploading")} ${done} / ${sent.length}...`;
            const found = await send(part, of);
            failed = found.error;
            if (failed) break;
            for (const name of Object.keys(TOLD)) all[name] += found[name];
            all.refused.push(...found.refused);
            done += part.length;
        }
        says.textContent = said;
        tell(all);
        showError(failed || (all.refused.length ? {message: short(all.refused), problems: []} : null));
        plan();
    }
    const TOLD = {kept: "{} added", same: "{} were there already", renamed: "{} got a number: others had their names",
        left_out: "{} left out: hidden, or neither picture nor caption"};
    function tell(all) {
        find(".tt-taken").textContent = Object.keys(TOLD).filter((name) => all[name]).map((name) => t(TOLD[name]).replace("{}", all[name])).join(", ");
    }
    const short = (lines) => lines.length <= LISTED ? lines.join("\n") : [...lines.slice(0, LISTED), t("and {} more").replace("{}", lines.length - LISTED)].join("\n");

    // ---- dropping, choosing, keys
    async function onDrop(event) {
        const drop = zone(event);
        if (!drop) return;
        event.preventDefault();
        event.stopPropagation();
        drop.classList.toggle("tt-over", event.type === "dragover");
        if (event.type !== "drop") return;
        try {
            upload(await dropped(event.dataTransfer));
        } catch (error) {
            showError({message: t("A file or folder cannot be read; check its permissions and drop it again."), problems: []});
        }
    }
    for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, onDrop, true);
    document.addEventListener("change", (event) => {
        if (!event.target.matches || !event.target.matches("#train_tools_root .tt-drop input[type=file]")) return;
        const files = [...event.target.files].map((file) => ({file, path: file.webkitRelativePath || file.name}));
        event.target.value = "";  // or choosing the same files again would be no change
        upload(files);
    });
    document.addEventListener("click", (event) => {
        if (zone(event) && !event.target.closest("input,label,[data-act]")) input().click();
    });
    document.addEventListener("keydown", (event) => {
        if ((event.key === "Enter" || event.key === " ") && event.target.matches && event.target.matches("#train_tools_root .tt-drop")) input().click();
    });
})();
