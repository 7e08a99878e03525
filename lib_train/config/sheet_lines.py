"""Sheets by axes in a line each: ``rows | columns | pages``, such as ``checkpoint | weight:0.5,1 | seed:1,2``."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from lib_train.config.axes import AXES, Chosen
from lib_train.errors import ConfigError, Problem
from lib_train.texts import joined, say

SIDES = ("rows", "columns", "pages")
_SEARCHES = "replace"
_BAR = re.compile(r"(?:^|(?<=\s))\|(?=\s|$)")


class SheetLine(NamedTuple):
    """What rows, columns and pages of a sheet differ in."""

    rows: Chosen | None
    columns: Chosen | None
    pages: Chosen | None
    texts: tuple[str, str, str]
    """As they were written."""

    @property
    def chosen(self) -> list[Chosen]:
        """All axes, rows first."""
        return [one for one in self[:3] if isinstance(one, Chosen)]


def axis_of(text: str) -> Chosen | None:
    """The axis of a text such as ``seed:1,2``; None of an empty one.

    Raises:
        ValueError: there is no such axis, or it cannot have these values.
    """
    name, _, values = (part.strip() for part in text.partition(":"))
    if not text.strip():
        return None
    if name not in AXES:
        raise ValueError(say("there is no axis {name!r}; write one of {known}, such as {example}", name=name,
                             known=", ".join(AXES), example="weight:0.5,1"))  # fmt: skip
    try:
        return Chosen(AXES[name], tuple(AXES[name].read(values)))
    except ValueError as error:
        raise ValueError(joined(": ", (name, error.args[0]))) from error


def line_of(rows: str = "", columns: str = "", pages: str = "") -> SheetLine:
    """The sheet of three axes, of which any may be empty.

    Raises:
        ConfigError: names each side that cannot be used.
    """
    found: list[Chosen | None] = []
    problems: list[Problem] = []
    for side, text in zip(SIDES, (rows, columns, pages), strict=True):
        try:
            found.append(axis_of(text))
        except ValueError as error:
            found.append(None)
            problems.append(Problem(side, text, error.args[0]))
    if not (problems or any(found)):
        remedy = say("give at least one axis, such as {example}", example="checkpoint")
        problems.append(Problem(SIDES[0], rows, remedy))
    names = [one.axis.name for one in found if one and not one.axis.repeats]
    for side, one in zip(SIDES, found, strict=True):
        if one and names.count(one.axis.name) > 1 and not problems:
            remedy = say("two axes of a sheet are {name}; take another for one of them", name=one.axis.name)
            problems.append(Problem(side, one.axis.name, remedy))
    if problems:
        raise ConfigError(problems)
    return SheetLine(found[0], found[1], found[2], (rows.strip(), columns.strip(), pages.strip()))


def written(line: SheetLine) -> str:
    """A line as people write it.

    >>> written(parsed("seed:1,2 | | weight:1"))
    'seed:1,2 | | weight:1'
    """
    return " | ".join(line.texts).replace("  ", " ").strip()


def parsed(text: str) -> SheetLine:
    """The sheet of a line ``rows | columns | pages``; what is left out behind is empty.

    Raises:
        ValueError: says what is wrong with it.
    """
    sides = [side.strip() for side in _BAR.split(text)]
    if len(sides) > len(SIDES) or not any(sides):
        raise ValueError(say("write rows, columns and pages with | between them, such as {example}",
                             example="checkpoint | weight:0.5,1 | seed:1,2"))  # fmt: skip
    try:
        return line_of(*sides)
    except ConfigError as error:
        raise ValueError(joined("; ", (one.remedy for one in error.problems))) from error


def values_of(lines: Sequence[str], axis: str) -> list[Any]:
    """Values of all axes of this name.

    >>> values_of(["seed:1,2 | sampler:Euler", "sampler:DDIM"], "sampler")
    ['Euler', 'DDIM']
    """
    return [value for text in lines for one in parsed(text).chosen if one.axis.name == axis for value in one.values]


def notes_on_sheets(lines: Sequence[str], prompts: Sequence[str]) -> list[str]:
    """Sheets that no prompt has the words for.

    >>> notes_on_sheets(["replace:sitting,standing"], ["a cat"])
    ["preview_sheets: no prompt has 'sitting', which is to be replaced: there is no such sheet"]
    """
    searched = [one.values[0] for text in lines for one in parsed(text).chosen if one.axis.name == _SEARCHES
                and not any(other.axis.name == "prompt" for other in parsed(text).chosen)]  # fmt: skip
    missing = [word for word in dict.fromkeys(searched) if prompts and not any(word in prompt for prompt in prompts)]
    return [say("preview_sheets: no prompt has {word!r}, which is to be replaced: there is no such sheet", word=word)
            for word in missing]  # fmt: skip
