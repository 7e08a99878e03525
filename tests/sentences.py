"""Sentences of the program: every template that ``say`` is given, and literals that a person would see untranslated."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

PACKAGE = Path(__file__).parents[1] / "lib_train"


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the package, parsed."""
    return {path: ast.parse(path.read_bytes()) for path in sorted(PACKAGE.rglob("*.py"))}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls of a function, each with its place."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield place_of(path, node), node


def place_of(path: Path, node: ast.expr) -> str:
    return f"{path.relative_to(PACKAGE.parent).as_posix()}:{node.lineno}"


def template_of(call: ast.Call) -> str | None:
    """The template of a call of ``say``, formats included; None where it is no literal."""
    first = call.args[0] if len(call.args) == 1 else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def plain(template: str) -> str:
    """A template as it is the key of its translations: without formats."""
    return "".join(before + (f"{{{name}}}" if name else "") for before, name, _, _ in Formatter().parse(template))


def places(template: str) -> list[str]:
    """Names of the places of a template, in alphabetical order."""
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def has_words(template: str) -> bool:
    """Whether there is anything to translate beside values."""
    return any(letter.isalpha() for before, *_ in Formatter().parse(template) for letter in before)


def templates() -> set[str]:
    """Every template with words in it."""
    found = {plain(template) for _, call in calls("say") if (template := template_of(call))}
    return {template for template in found if has_words(template)}
