import assert from "node:assert/strict";
import {test} from "node:test";

globalThis.document = {addEventListener: () => {}};

const {nameNow, placeFor} = await import("../../javascript/tt/places.mjs");

const version = (name, problem = "") => ({name, problem});
const PROJECTS = [
    {name: "odd", problem: "is a link", versions: []},
    {name: "new", problem: "", versions: [version("v1"), version("v2"), version("shut", "cannot be read")]},
    {name: "old", problem: "", versions: [version("a"), version("b")]},
    {name: "bare", problem: "", versions: []},
];

test("what is wanted is shown where it is there, else the newest of it", () => {
    for (const [project, name, shown] of [
        ["old", "a", ["old", "a"]],
        ["old", "gone", ["old", "b"]],
        ["new", "shut", ["new", "v2"]],
        ["odd", "", ["new", "v2"]],
        ["", "", ["new", "v2"]],
        ["bare", "v1", ["bare", ""]],
    ]) {
        const found = placeFor(PROJECTS, {project, version: name});
        assert.deepEqual([found.project, found.version], shown, `${project} ${name}`);
    }
});

test("an empty folder shows nothing", () => {
    assert.deepEqual(placeFor([], {project: "a", version: "b"}), {project: "", version: ""});
});

test("what was renamed is found by its number, and one of its old name comes before it", () => {
    const before = [
        {name: "a", id: "1"},
        {name: "b", id: ""},
    ];
    for (const [now, name, shown] of [
        [[{name: "c", id: "1"}], "a", "c"],
        [
            [
                {name: "a", id: "2"},
                {name: "c", id: "1"},
            ],
            "a",
            "a",
        ],
        [[{name: "c", id: "2"}], "a", "a"],
        [[{name: "c", id: ""}], "b", "b"],
        [[{name: "c", id: "1"}], "never there", "never there"],
    ])
        assert.equal(nameNow(before, now, name), shown);
});
