// @ts-check
// Boots the Train Tools tab.
//
// A server may let a browser keep scripts for days without asking for newer ones, and parts of two releases do not fit
// together. So each part is asked for anew before the first is run; what has not changed is not sent again.

const PARTS =
    "acts api arrange bar base batch begin binding caption cards chart checkpoints choices choosing curve dialog dom done drawer drawings drop edits examples field figures files findings first form formats gallery grid labelled large legend lines listing menu messages naming outcome pages panel picking pictures places plan plot poll preset progress queue rows samples scope search selected settings settings_file shell shots state stepform steps tab tagcloud tags terms toolbar tools trigger undo upload values view virtual words work ../vendor/uplot";

/** @param {string} name */
async function renew(name) {
    const answer = await fetch(new URL(`./tt/${name}.mjs`, import.meta.url), {cache: "no-cache"});
    await answer.arrayBuffer(); // only what was read whole is kept
}

await Promise.allSettled(PARTS.split(" ").map(renew));
await import("./tt/tab.mjs");
