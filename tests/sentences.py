"""Sentences of the program: every template that ``say`` is given, and literals that a person would see untranslated."""

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

_WORDS = re.compile("[a-z]{2,}[^A-Za-z]* [^A-Za-z]*[a-z]{2,}")
_TAKERS = {
    "say", "AssertionError",
    "option", "_picture_option", "Preset",  # settings and presets: tests/ui/test_localizations.py
    "Field", "File", "Form", "Query",  # descriptions of the API
    "_names",  # keys of other programs
}  # fmt: skip
"""Functions whose texts are translated, or are not for people who use the program."""
_FORMAL = re.compile("train-tools |--|<|py pyw |fastapi==|pip install ")
"""How commands, HTML and lists of endings or packages begin."""
_ELSEWHERE = (
    "webui_tab.py",
    "config/headings.py",
    "api/v1/models.py",
    "demo/scores.py",
    "models/embedded.py",
    "previews/fixed_prompts.py",
    "judging/words.py",
)
"""Words of the form, which have a test of their own; the OpenAPI page; prompts; a model's description."""
NOT_SHOWN = {
    # what is searched for in the words of others, and names that others gave
    "out of memory", "allocate memory", "not enough memory", "invalid combination of arguments",
    "system volume information", "WeakKeyDictionary[nn.Module, bytes]", "merge keys", "old diffusers'",
    # what other programs read: infotexts, cards, headers, the OpenAPI page, the README
    "Negative prompt: ", "negative prompt:", "Schedule type", "Clip skip", "CFG scale", "sd version", "activation text",
    "preferred weight", "private, max-age=3600", "train tools: ", " One of ",
    "private, max-age=31536000, immutable", "private, no-cache",
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    "resized by Train Tools ()", "blocks weighted by Train Tools ()", "merged by Train Tools: ",
    "extracted by Train Tools:  - ",
    "Train Tools checkpoint",  # in a list of the WebUI's script, which is asked for by this name
    # why a catalog is made anew, which nobody is told
    "unable to open", "of another version", "no such row was written",
    # why a file does not tell a setting
    "the weights are the same with and without", "pictures tell themselves how they were made",
    "decides which files there are, and each tells its own step and epoch",
    # examples of values, which are English as those are
    "checkpoint | weight:0.5,1 | seed:1,2", '"a cat, sitting","a dog"', "epoch 1,epoch 2,last",
    '"standing, smiling",sitting', "{} steps", "clip skip {}",
    # prompts, and keys of groups
    "mochi, large, center, black background", "low quality", "upper body", "full body",
    "best quality,Amazing,finely detail,extremely detailed CG unity 8k wallpaper", "noise and loss",
    "precision and memory",
}  # fmt: skip
"""Text that stays English in every language."""
PACKAGE = Path(__file__).parents[1] / "lib_train"


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the package, parsed."""
    return {path: ast.parse(path.read_bytes()) for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def calls() -> Mapping[str, list[tuple[str, ast.Call]]]:
    """Calls of each function by its name, each with its place."""
    found = defaultdict(list)
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found[node.func.id].append((place_of(path, node), node))
    return found


def place_of(path: Path, node: Any) -> str:
    return f"{path.relative_to(PACKAGE.parent).as_posix()}:{node.lineno}"


def template_of(call: ast.Call) -> str | None:
    """The template of a call of ``say``, formats included; None where it is no literal."""
    first = call.args[0] if len(call.args) == 1 else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def plain(template: str) -> str:
    """A template as it is the key of its translations: without formats."""
    return "".join(before + (f"{{{name}}}" if name else "") for before, name, _, _ in Formatter().parse(template))


def places(template: str) -> list[str]:
    """Names of the places of a template, in alphabetical order; twice where one stands there in two formats."""
    found = {(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(template) if name is not None}
    return sorted(name for name, _, _ in found)


def has_words(template: str) -> bool:
    """Whether there is anything to translate beside values."""
    return any(letter.isalpha() for before, *_ in Formatter().parse(template) for letter in before)


@cache
def templates() -> frozenset[str]:
    """Every template with words in it."""
    found = {plain(template) for _, call in calls()["say"] if (template := template_of(call))}
    return frozenset(template for template in found if has_words(template))


def raw() -> list[str]:
    """Text of two words and more that no translation is looked up for, each with its place.

    What stays English, and what other tests look after, is left out.
    """
    found = []
    for path, tree in trees().items():
        if path.relative_to(PACKAGE).as_posix().startswith(_ELSEWHERE):
            continue
        above = {inner: outer for outer in ast.walk(tree) for inner in ast.iter_child_nodes(outer)}
        for node in ast.walk(tree):
            text = _literal(node)
            if text is None or not _WORDS.search(text) or _FORMAL.match(text) or text in NOT_SHOWN:
                continue
            if not _is_accounted_for(node, above):
                found.append(f"{place_of(path, node)}: {text[:80]!r}")
    return found


def _literal(node: ast.AST) -> str | None:
    """The text of a literal, without the values in it."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_accounted_for(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Whether it is a docstring, a part of another literal, or given to a function that has it translated."""
    outer = above[node]
    if isinstance(outer, ast.Expr):
        return True
    while outer in above:
        if isinstance(outer, ast.JoinedStr | ast.Assert):
            return True
        if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in _TAKERS:
            return outer.func.id != "say" or node is outer.args[0]  # else it is a value, which nobody translates
        outer = above[outer]
    return False
