"""What a page shows, asked of the page itself: its words, and faults of its looks."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WIDTHS = (1024, 390, 1440)
CLOSELY = (
    "no project", "a picture without a caption", "a run that is refused", "the question of create-project",
    "the question of delete-version", "a run that is finished", "a large picture", "a training",
    "a training that was stopped",
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
        front = root.querySelector("dialog[open], .tt-large") || root,
        faults = [], wide = document.documentElement.scrollWidth;
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
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left),
            down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) faults.push(`${name(a.one)} and ${name(b.one)} overlap`);
    }));
    for (const one of front.querySelectorAll("button, a.tt-button, summary, label, .tt-figure, .tt-panel, .tt-group"))
        if (one.clientWidth && one.scrollWidth > one.clientWidth + 1) faults.push(`${name(one)} is cut off`);
    return faults;
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
    """What is wider than the page, lies over something else, or is cut off."""
    return page.evaluate(_FAULTS)


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


def look_at(context: Any, walk: Callable[[Any], Iterator[str]], themes: dict[str, tuple[str, bool]]) -> dict[str, Look]:
    """Look at every state that ``walk`` brings a new page into; at those of ``CLOSELY`` in several widths and themes.

    Args:
        themes: by name, CSS on top of the page's own, and whether it is dark; the first has all rules of axe, the
            others those of colours. None for no axe at all.
    """
    page = context.new_page()
    if themes:
        page.add_init_script(path=AXE)
    found = {}
    for state in walk(page):
        look = found[state] = Look(words(page), page.locator("#train_tools_root").get_attribute("lang"))
        if state not in CLOSELY:
            continue
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            look.faults += [f"{width} px: {fault}" for fault in faults(page)]
        for number, (theme, colours) in enumerate(themes.items()):
            set_theme(page, *colours)
            rules = ["color-contrast"] if number else []
            look.violations += [f"{theme}: {one}" for one in violations(page, *rules)]
        if themes:
            set_theme(page, "", False)
    return found
