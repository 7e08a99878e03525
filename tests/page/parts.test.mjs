import assert from "node:assert/strict";
import {readFile, readdir} from "node:fs/promises";
import {test} from "node:test";

const FOLDER = new URL("../../javascript/", import.meta.url);
const parts = (await readdir(new URL("tt/", FOLDER))).sort();
const vendored = (await readdir(new URL("vendor/", FOLDER))).filter((name) => name.endsWith(".mjs"));

/** Names of the parts that a part imports. */
async function importsOf(name) {
    const script = await readFile(new URL(`tt/${name}`, FOLDER), "utf8");
    return [...script.matchAll(/^import [^;]*?"\.\/([^"]+)";/gms)].map((found) => found[1]);
}

test("every part is reached from the first one, and none imports itself by a way round", async () => {
    const reached = new Set();
    const visit = async (name, way) => {
        assert.ok(!way.includes(name), `${[...way, name].join(" -> ")}`);
        reached.add(name);
        for (const other of await importsOf(name)) await visit(other, [...way, name]);
    };
    await visit("tab.mjs", []);
    assert.deepEqual([...reached].sort(), parts);
});

test("every file of others has its licence and its version beside it", async () => {
    for (const name of vendored) {
        const beside = (ending) => readFile(new URL(`vendor/${name.replace(".mjs", ending)}`, FOLDER), "utf8");
        assert.match(await beside(".LICENSE"), /MIT License/);
        const [version] = /\d+\.\d+\.\d+/.exec(await beside(".mjs"));
        assert.ok((await beside(".d.mts")).includes(version));
    }
});
