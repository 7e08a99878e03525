// @ts-check
// Boots the Train Tools tab.
//
// Parts of two releases do not fit together. So the server is asked once which there are, and gives them below a path of
// their release that a browser keeps for good. All are loaded at once, not one import after the other.

const SCRIPTS = "./train-tools/scripts",
    AGAIN_MS = 2000;

/** The newest release; asked again until somebody answers. */
async function newest() {
    for (;;) {
        const answer = await fetch(SCRIPTS).catch(() => null);
        if (answer && answer.ok) return answer.json();
        await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
}

const {stamp, parts} = await newest();

/** @param {string} part */
const addressOf = (part) => new URL(`${SCRIPTS}/${stamp}/${part}`, document.baseURI).href;

for (const part of parts) {
    document.head.append(Object.assign(document.createElement("link"), {rel: "modulepreload", href: addressOf(part)}));
}
await import(addressOf("tt/tab.mjs"));
