"""What the outputs of a tagger mean: the lists that its makers publish beside the model."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib_train.errors import ModelFileError, reason
from lib_train.tagging.tagger import Label
from lib_train.texts import say

_CATEGORIES = {0: "general", 1: "artist", 3: "copyright", 4: "character", 5: "meta", 9: "rating"}
"""Danbooru's numbers, and 9 of the WD taggers."""
_KNOWN = (*_CATEGORIES.values(), "model", "quality")


def read_selected_tags(path: Path) -> list[Label]:
    """Labels of a WD tagger's ``selected_tags.csv``, in the order of its outputs; the column ``category`` counts.

    Raises:
        ModelFileError: it is no such table; names the line.
    """

    def read(text: str) -> list[Label]:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        if missing := {"name", "category"} - set(rows.fieldnames or ()):
            raise ValueError(say("it has no column {column}", column=min(missing)))
        return [Label(row["name"] or "", _of_number(row["category"], rows.line_num)) for row in rows]

    return _labels(path, read)


def _of_number(text: str | None, line: int) -> str:
    try:
        return _CATEGORIES[int(text or "")]
    except (KeyError, ValueError):
        raise ValueError(
            say("line {line}: category {category!r} is not known", line=line, category=text or "")
        ) from None


def read_tag_mapping(path: Path) -> list[Label]:
    """Labels of cl_tagger's ``tag_mapping.json``: ``{"0": {"tag": ..., "category": ...}, ...}``, by their numbers.

    Raises:
        ModelFileError: it is no such file, or numbers are missing.
    """

    def read(text: str) -> list[Label]:
        found: Any = json.loads(text)
        if not isinstance(found, Mapping):
            raise ValueError(say("it holds no object"))
        by_number = {int(number): _mapped(entry) for number, entry in found.items()}
        gap = next((number for number in range(len(by_number)) if number not in by_number), None)
        if gap is not None:
            raise ValueError(say("there is no tag of number {number}", number=gap))
        return [by_number[number] for number in range(len(by_number))]

    return _labels(path, read)


def _mapped(entry: Any) -> Label:
    category = str(entry["category"]).lower()
    if category not in _KNOWN:
        raise ValueError(say("category {category!r} is not known", category=category))
    return Label(str(entry["tag"]), category)


def read_top_tags(path: Path) -> list[Label]:
    """Labels of JoyTag's ``top_tags.txt``: one a line, all of them general.

    Raises:
        ModelFileError: it cannot be read.
    """
    return _labels(path, lambda text: [Label(line.strip(), "general") for line in text.splitlines() if line.strip()])


def require_as_many(labels: Sequence[Label], outputs: int, path: Path) -> None:
    """Check that each output of a model has its label.

    Raises:
        ModelFileError: there are more of the one than of the other.
    """
    if len(labels) != outputs:
        raise ModelFileError(
            say("{path}: holds {count} tags, and the model beside it knows {outputs}: take both from the same place",
                path=path, count=len(labels), outputs=outputs)
        )  # fmt: skip


def _labels(path: Path, read: Callable[[str], list[Label]]) -> list[Label]:
    try:
        found = read(path.read_bytes().decode("utf-8-sig"))
        if not found:
            raise ValueError(say("it is empty"))
        return found
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error) as error:
        raise ModelFileError(
            say("{path}: cannot be read as the list of a tagger's tags ({why}); get it anew", path=path,
                why=reason(error))
        ) from error  # fmt: skip
