"""What a page shows, asked of the page itself: its words, and faults of its looks."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WIDTHS = (1024, 390, 1440)
_LOOKS = 30  # at what may still be moving, a tenth of a second apart
CLOSELY = (
    "no project", "a picture without a caption", "a run that is refused", "the question of create-project",
    "the question of delete-version", "a run that is finished", "a large picture", "a training",
    "a training that was stopped", "captions that are edited at once", "a trigger word to bind to",
    "tags that belong to a character", "the menu of a tag", "pictures of the WebUI's outputs",
    "what is in a LoRA file", "a LoRA file before and after", "a sweep before it is added", "a sweep",
    "checkpoints beside each other", "two checkpoints wiped", "keys of the comparison", "figures of checkpoints",
)  # fmt: skip
"""States that are looked at in several widths and themes."""
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
"""The library that finds what people with a screen reader or weak eyes cannot use; ``npm ci`` brings it."""
_WORDS = """() => {
    const found = [document.title];
    for (const one of document.querySelectorAll("#train_tools_root *")) {
        const box = one.closest("select") || one;
        if (one.closest("[translate=no]") || !box.checkVisibility({visibilityProperty: true})) continue;
        for (const name of ["title", "placeholder", "aria-label", "aria-valuetext", "alt"])
            found.push(one.getAttribute(name) || "");
        for (const part of one.childNodes) if (part.nodeType === Node.TEXT_NODE) found.push(part.data);
    }
    return found.map((words) => words.trim()).filter(Boolean);
}"""
_VIOLATIONS = """async (rules) => {
    const options = {resultTypes: ["violations"], ...(rules.length ? {runOnly: rules} : {})};
    const {violations} = await axe.run(document, options);
    return violations.flatMap(({id, nodes}) => nodes.map(({target, any, all, none}) =>
        `${id} at ${target.join(" ")}: ${[...any, ...all, ...none][0]?.message}`));
}"""
_THEME = """([css, dark]) => {
    const sheet = document.querySelector("#other-theme") || document.head.appendChild(document.createElement("style"));
    sheet.id = "other-theme";
    sheet.textContent = css;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.body.classList.toggle("dark", dark);
}"""
_FAULTS = """() => {
    const root = document.querySelector("#train_tools_root"),
        front = root.querySelector("dialog[open], .tt-large, .tt-menu") || root,
        faults = [], wide = document.documentElement.scrollWidth,
        drawn = document.head.appendChild(document.createElement("style"));
    drawn.textContent = "* { content-visibility: visible !important; }";  // what is far below, too
    if (wide > innerWidth) faults.push(`the page is ${wide} px wide`);
    const name = (one) => `${one.tagName.toLowerCase()}${one.id && "#" + one.id} .${one.className}`
        + ` "${(one.textContent || one.getAttribute("aria-label") || "").trim().slice(0, 30)}"`;
    const seen = (one) => {
        let {left, top, right, bottom} = one.getBoundingClientRect();
        for (let box = one.parentElement; box && box !== root; box = box.parentElement) {
            if (getComputedStyle(box).overflow === "visible") continue;
            const edge = box.getBoundingClientRect();
            [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
            [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
        }
        return {one, left, top, right, bottom};
    };
    const controls = [...front.querySelectorAll("button, input, select, textarea, a, summary, [role=button]")]
        .filter((one) => one.checkVisibility({visibilityProperty: true})).map(seen)
        .filter(({left, top, right, bottom}) => right - left > 1 && bottom - top > 1);
    controls.forEach((a, i) => controls.slice(i + 1).forEach((b) => {
        if (a.one.contains(b.one) || b.one.contains(a.one)) return;
        if (a.one.matches(".tt-pick") && b.one.matches(".tt-select")) return;  // stands in the picture's corner
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left),
            down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) faults.push(`${name(a.one)} and ${name(b.one)} overlap`);
    }));
    for (const one of front.querySelectorAll("button, a.tt-button, summary, label, .tt-figure, .tt-panel, .tt-group"))
        if (one.clientWidth && one.scrollWidth > one.clientWidth + 1) faults.push(`${name(one)} is cut off`);
    drawn.remove();
    return faults;
}"""

_CONTROLS = """() => {
    const root = document.querySelector("#train_tools_root"),
        front = root.querySelector("dialog[open]") || root;
    const left = new Map();
    for (const one of front.querySelectorAll("button, input, select, textarea, a[href], summary, [tabindex]"))
        if (one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0
                && !one.matches(":disabled, [type=radio]:not(:checked)"))  // arrow keys go from one to the next
            left.set(one, `${one.tagName.toLowerCase()} .${one.className} ${one.id} ${one.textContent.slice(0, 30)}`);
    const faults = [];
    const onFocus = ({target}) => {
        const {outlineStyle, outlineWidth} = getComputedStyle(target);
        if (!front.contains(target)) faults.push(`${target.className} is behind`);
        else if (left.has(target) && (outlineStyle === "none" || parseFloat(outlineWidth) < 1))
            faults.push(`${left.get(target)} has no outline`);
        left.delete(target);
        for (const one of left.keys()) // arrow keys go through a group
            if (target.type === "radio" && one.type === "radio" && one.name === target.name) left.delete(one);
    };
    document.addEventListener("focusin", onFocus);
    window.endOfKeys = () => {
        document.removeEventListener("focusin", onFocus);
        return [...faults, ...[...left.values()].map((one) => `${one} is out of reach`)];
    };
    return left.size;
}"""


def words(page: Any) -> list[str]:
    """Every piece of text that can be read or heard, but names and what people wrote (``translate="no"``)."""
    return page.evaluate(_WORDS)


def violations(page: Any, *rules: str) -> list[str]:
    """What axe finds, by its ``rules`` alone where some are named. ``AXE`` must have been run in the page."""
    return page.evaluate(_VIOLATIONS, list(rules))


def themes() -> dict[str, tuple[str, bool]]:
    """The page's own themes, and those of gradio, whose colours the tab has in a WebUI; none without axe."""
    if not AXE.exists():
        return {}
    found = {"light": ("", False), "dark": ("", True)}
    with warnings.catch_warnings(), suppress(ImportError):
        warnings.simplefilter("ignore")  # gradio's own, of which there are many
        import gradio as gr

        css = gr.themes.Default()._get_theme_css()
        found |= {"gradio's light": (css, False), "gradio's dark": (css, True)}
    return found


def set_theme(page: Any, css: str, dark: bool) -> None:
    """Show the page with other colours on top of its own ones."""
    page.evaluate(_THEME, [css, dark])


def faults(page: Any) -> list[str]:
    """What is wider than the page, lies over something else, or is cut off, once a chart has its new width."""
    found = page.evaluate(_FAULTS)
    for _ in range(_LOOKS):
        if not found:
            break
        page.wait_for_timeout(100)
        found = page.evaluate(_FAULTS)
    return found


def unreached(page: Any) -> list[str]:
    """What the Tab key does not come to on its way once around, or does not show that it has come to."""
    controls = page.evaluate(_CONTROLS)
    for _ in range(controls + 2):
        page.keyboard.press("Tab")
    return page.evaluate("endOfKeys()")


@dataclass
class Look:
    """What was seen in one state of the tab."""

    words: list[str]
    language: str
    """What the tab says that its language is."""
    faults: list[str] = field(default_factory=list)
    """Of its looks, each with the width of the window in pixels."""
    violations: list[str] = field(default_factory=list)
    """That axe found, each with the theme."""
    unreached: list[str] = field(default_factory=list)
    """By the Tab key."""


def look_at(context: Any, walk: Callable[[Any], Iterator[str]], whole: bool) -> dict[str, Look]:
    """Look at every state that ``walk`` brings a new page into; at those of ``CLOSELY`` in several widths.

    Args:
        whole: go through those by keys too, and have axe look at them in several themes: in the first for everything,
            in the others, which differ in nothing else, for colours.
    """
    page, colours = context.new_page(), themes() if whole else {}
    if colours:
        page.add_init_script(path=AXE)
    found = {}
    for state in walk(page):
        look = found[state] = Look(words(page), page.locator("#train_tools_root").get_attribute("lang"))
        if state not in CLOSELY:
            continue
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            look.faults += [f"{width} px: {fault}" for fault in faults(page)]
        for number, (name, theme) in enumerate(colours.items()):
            set_theme(page, *theme)
            rules = ["color-contrast"] if number else []
            look.violations += [f"{name}: {one}" for one in violations(page, *rules)]
        if whole:
            set_theme(page, "", False)
            look.unreached += unreached(page)
    return found
