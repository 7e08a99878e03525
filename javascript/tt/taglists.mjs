// @ts-check
// The lists of tags that are trained alone, and that never are: how many pictures have each, and tags put on or taken off.
import {sameTag} from "./chips.mjs";
import {find, h} from "./dom.mjs";
import * as edits from "./edits.mjs";
import {change, valueOf} from "./settings.mjs";
import {here, isPlace, on, samePlace, state} from "./state.mjs";
import {itemsOf} from "./values.mjs";
import {t} from "./words.mjs";

/** @typedef {"keep_tags" | "drop_tags"} ListName */

const LISTS = /** @type {ListName[]} */ (["keep_tags", "drop_tags"]);
/** @type {Record<ListName, string>} what a menu says where a tag is not on a list */
const PUTS_ON = {
    keep_tags: "Put it on the keep list: only its tags are trained",
    drop_tags: "Never train on it",
};
/** @type {Record<ListName, string>} and where it is */
const TAKES_OFF = {
    keep_tags: "Take it off the keep list",
    drop_tags: "Train on it again",
};

/** @param {ListName} name @returns {string[]} */
const listed = (name) => {
    const value = valueOf(name) ?? [],
        setting = state.declared.find((one) => one.name === name);
    return Array.isArray(value) ? value : itemsOf(setting, String(value)); // as it was typed just now
};

/** A list with a tag more, or without it where it has it. @param {string[]} list @param {string} tag */
export function switched(list, tag) {
    const rest = list.filter((one) => sameTag(one) !== sameTag(tag));
    return rest.length < list.length ? rest : [...list, tag];
}

/** What a tag's menu offers. @param {string} tag @returns {import("./menu.mjs").Item[]} */
export const listItems = (tag) =>
    LISTS.map((name) => {
        const now = listed(name),
            then = switched(now, tag);
        return {
            words: then.length < now.length ? t(TAKES_OFF[name]) : t(PUTS_ON[name]),
            does: () => change({[name]: then}, true),
        };
    });

/** How many pictures have each tag of a list. @param {{tag: string, pictures: number}[]} counts */
const countsElement = (counts) =>
    h(
        "ul",
        {class: "tt-counted", "aria-label": t("Pictures with each tag")},
        counts.map(({tag, pictures}) =>
            h(
                "li",
                {class: pictures ? null : "tt-warn", title: pictures ? null : t("No picture has this tag.")},
                h("span", {translate: "no"}, tag),
                " ",
                h("b", {}, pictures),
            ),
        ),
    );

/** Ask for the counts, where there is a list. */
async function showCounts() {
    const of = here(),
        wanted = isPlace() && LISTS.some((name) => listed(name).length),
        found = wanted ? await edits.tags(of, "", 0).catch(() => null) : {};
    if (!found || found.error || !samePlace(of, here())) return;
    for (const name of LISTS) {
        const field = find(`#train_tools_${name}`),
            counts = found[name] || [];
        field?.querySelector(".tt-counted")?.remove();
        if (counts.length) field?.querySelector("small").after(countsElement(counts));
    }
}
on("planned", showCounts);
