// @ts-check
// Boots the Train Tools tab.
//
// A server may let a browser keep scripts for days without asking for newer ones, and parts of two releases do not fit
// together. So each part is asked for anew before the first is run; what has not changed is not sent again.

const PARTS =
    "acts api arrange bar base begin caption cards chart checkpoints choosing curve dialog dom drawer drawings drop field figures files first form formats gallery grid large legend lines listing messages naming outcome pages panel picking pictures places plan plot poll preset progress queue rows samples search selected settings settings_file shell shots state tab toolbar trigger undo upload values view virtual words ../vendor/uplot";

/** @param {string} name */
async function renew(name) {
    const answer = await fetch(new URL(`./tt/${name}.mjs`, import.meta.url), {cache: "no-cache"});
    await answer.arrayBuffer(); // only what was read whole is kept
}

await Promise.allSettled(PARTS.split(" ").map(renew));
await import("./tt/tab.mjs");
