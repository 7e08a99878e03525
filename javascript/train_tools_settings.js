// Settings are kept one by one, as they are changed here; what another window changed is taken over.
(function () {
    "use strict";
    const {call, find, here, HEADERS, plan, query} = window.trainTools.tools;
    const TAKEN_MS = 5000;
    const fresh = (place, values) => ({place, values, sent: {...values}, known: null, revision: -1, taking: [], sending: null});
    let state = fresh({project: "", version: ""}, {});  // what one version's form holds, and what the server knows of it
    const plain = (value) => Array.isArray(value) ? value.join(", ") : value === null || value === undefined ? "" : value;
    const differs = (one, other) => plain(one) !== plain(other);
    const unsent = (of) => Object.keys(of.values).filter((name) => differs(of.values[name], of.sent[name]) && !of.taking.includes(name));
    const picked = (of, names) => Object.fromEntries(names.map((name) => [name, of.values[name]]));

    // The form shows these values: of another version than before, or of the same with changes to them.
    function formShows(place, values) {
        if (place.project === state.place.project && place.version === state.place.version) { state.values = values; return; }
        send(state);
        state = fresh(place, values);
    }
    async function send(of) {
        if (!of.place.project || !of.place.version) return;
        while (of.sending) await of.sending.catch(() => null);
        const names = unsent(of), changes = picked(of, names);
        if (!names.length) return;
        of.sending = call("settings", {...of.place, changes});
        try {
            const found = await of.sending;
            if (found.error) return;  // the plan says the same
            Object.assign(of.sent, changes);
            if (of === state) adopt(found, names);
        } finally { of.sending = null; }
    }
    // What the server holds now, of which some may have been changed elsewhere.
    function adopt(found, mine = []) {
        const before = state.known || state.sent, busy = [...mine, ...unsent(state)];
        const changed = Object.keys(found.shown).filter((name) => name in state.values && !busy.includes(name) && differs(found.shown[name], before[name]));
        [state.known, state.revision] = [found.shown, found.revision];
        if (!changed.length) return;
        const of = state;
        of.taking = changed;
        find("#train_tools_over").click();
        setTimeout(() => { if (of.taking === changed) [of.taking, of.revision] = [[], -1]; }, TAKEN_MS);  // no answer: ask again
    }
    function tookOver(names, all) {
        const values = Object.fromEntries(names.map((name, i) => [name, all[i + 2]]));
        for (const name of state.taking) state.sent[name] = state.values[name] = values[name];
        state.taking = [];
        plan();
    }
    async function follow(revision) {
        const of = state;
        if (revision === undefined || revision === of.revision || of.taking.length || of.sending || unsent(of).length) return;
        const found = await call(`settings?${query(of.place)}`).catch(() => null);
        if (found && !found.error && of === state && !of.sending && !of.taking.length) adopt(found);
    }
    window.addEventListener("pagehide", () => {
        const names = unsent(state);
        if (!names.length || !here().project || !here().version) return;
        fetch("./train-tools/settings", {method: "POST", keepalive: true, headers: HEADERS, body: JSON.stringify({...state.place, changes: picked(state, names)})});
    });
    Object.assign(window.trainTools, {
        formShows,
        followSettings: follow,
        keepSettings: () => send(state),
        revision: () => state.revision < 0 ? {} : {revision: state.revision},
        elsewhere: () => JSON.stringify(state.taking),
        tookOver: (all) => tookOver(window.trainTools.tools.names(), all),
    });
})();
