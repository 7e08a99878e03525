import assert from "node:assert/strict";
import {test} from "node:test";

import {dropped, hidden, isTaken, partsOf} from "../../javascript/tt/files.mjs";

const MIB = 2 ** 20;
const ofSize = (path, size) => ({path, file: {size}});

test("hidden files and what archives of macOS add are left out", () => {
    assert.deepEqual([".DS_Store", "a/.git/x.png", "__MACOSX/a.png", "a/b.png"].map(hidden), [true, true, true, false]);
});

test("only endings that the page takes are sent, in any case", () => {
    const taken = ["a.PNG", "a.txt", "a.exe", ".a.png"].map((path) => isTaken(path, ".png,.txt"));
    assert.deepEqual(taken, [true, true, false, false]);
});

test("a picture and its captions are in one part, though that is full", () => {
    const files = [];
    for (let i = 0; i < 45; i++)
        files.push(ofSize(`${String(i).padStart(2, "0")}.png`, 1), ofSize(`${String(i).padStart(2, "0")}.txt`, 1));
    const parts = partsOf(files.reverse());
    assert.deepEqual(
        parts.map((part) => part.length),
        [40, 40, 10],
    );
    const uneven = partsOf([ofSize("00.caption", 1), ...files]);
    assert.deepEqual(
        uneven.map((part) => part.length),
        [41, 40, 10],
    );
});

test("a part is not larger than 64 MiB unless a single file is", () => {
    const parts = partsOf([
        ofSize("a.png", 40 * MIB),
        ofSize("b.png", 40 * MIB),
        ofSize("c.png", 90 * MIB),
        ofSize("d.png", 1),
    ]);
    assert.deepEqual(
        parts.map((part) => part.map((one) => one.path)),
        [["a.png"], ["b.png"], ["c.png"], ["d.png"]],
    );
    assert.deepEqual(partsOf([]), []);
});

test("folders are read whole, a hundred entries at a time", async () => {
    const file = (path) => ({isFile: true, fullPath: `/${path}`, file: (done) => done({name: path, size: 1})});
    const pieces = [
        [file("set/a.png"), file("set/b.exe")],
        [{isFile: false, fullPath: "/set/.git"}, file("set/c.txt")],
        [],
    ];
    const folder = {
        isFile: false,
        fullPath: "/set",
        createReader: () => ({readEntries: (done) => done(pieces.shift())}),
    };
    const found = await dropped({items: [{webkitGetAsEntry: () => folder}], files: []}, ".png,.txt");
    assert.deepEqual(
        found.map(({path, file: sent}) => [path, Boolean(sent)]),
        [
            ["set/a.png", true],
            ["set/b.exe", false],
            ["set/.git", false],
            ["set/c.txt", true],
        ],
    );
});
