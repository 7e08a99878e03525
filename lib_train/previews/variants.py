"""Prompts with alternatives: ``{standing|sitting}``, and ``__poses__`` for a line of a wildcard file."""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random

from lib_train.errors import ConfigError, Problem, reason
from lib_train.texts import say

_BRACES = re.compile(r"\{([^{}]*)\}")
_WILDCARD = re.compile(r"__([^\s_](?:[^\n|{}<>]*?[^\s_])?)__(?!_)")
_ENDING = ".txt"
_MOST_BYTES = 2**23
_MOST_NAMES = 1000
_DEEPEST = 10
"""Wildcards in lines of wildcards."""
_LONGEST = 20_000
"""Letters of a prompt."""


class Wildcards:
    """Files with a line for each alternative.

    Args:
        folders: that are looked through, the first ones first; links that lead out of them are not followed.
        setting: the prompt's, for errors.
    """

    def __init__(self, folders: Sequence[Path], setting: str) -> None:
        self._folders, self._setting = folders, setting
        self._known: dict[str, list[str]] = {}

    def lines(self, name: str) -> list[str]:
        """What may stand for ``__name__``; lines that are empty or begin with # are none.

        Raises:
            ConfigError: there is no such file in the folders, or nothing in it.
        """
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def names(self) -> list[str]:
        """Names of the files in the folders, sorted; the first thousand."""
        found = {
            path.relative_to(folder).as_posix().removesuffix(_ENDING)
            for folder in self._folders
            for path in islice(_files_below(folder), _MOST_NAMES)
        }
        return sorted(found)[:_MOST_NAMES]

    def _read(self, name: str) -> list[str]:
        path = next((path for folder in self._folders if (path := _inside(folder, name))), None)
        if path is None:
            known = ", ".join(self.names()[:5]) or say("there are none")
            remedy = say("there is no such file in the folders of wildcards; such as: {known}", known=known)
            raise self._refusal(name, remedy)
        try:
            with path.open("rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8-sig", "replace")
        except OSError as error:
            remedy = say("{path}: cannot be read ({why}); check its permissions", path=path, why=reason(error))
            raise self._refusal(name, remedy) from error
        lines = [line.strip() for line in text.replace("\0", "").splitlines()]
        if not (found := [line for line in lines if line and line[0] != "#"]):
            raise self._refusal(name, say("{path}: holds no line; write one for each alternative", path=path))
        return found

    def _refusal(self, name: str, remedy: str) -> ConfigError:
        return ConfigError([Problem(self._setting, f"__{name}__", remedy)])

    def varied(self, prompt: str, rng: Random) -> str:
        """The prompt with one of each alternatives; the same ``rng`` state gives the same.

        >>> Wildcards([], "prompt").varied("a {red|red} {ball}", Random(1))
        'a red ball'

        Raises:
            ConfigError: it names a wildcard that there is not, or that stands for itself.
        """
        for _ in range(_DEEPEST):
            if len(prompt) > _LONGEST:
                break
            while braces := _BRACES.search(prompt):
                prompt = prompt[: braces.start()] + rng.choice(braces[1].split("|")) + prompt[braces.end() :]
            if not _WILDCARD.search(prompt):
                return prompt
            prompt = _WILDCARD.sub(lambda found: rng.choice(self.lines(found[1])), prompt)
        found = _WILDCARD.search(prompt)
        remedy = say("its lines name wildcards again and again, or are too long; shorten them")
        raise self._refusal(found[1] if found else "", remedy)


def _inside(folder: Path, name: str) -> Path | None:
    """The file of a wildcard below a folder; None where there is none, or it lies elsewhere."""
    parts = name.replace("\\", "/").split("/")
    if any(part in ("", ".", "..") or ":" in part for part in parts):
        return None
    try:
        home, path = folder.resolve(), folder.joinpath(*parts[:-1], parts[-1] + _ENDING)
        return path if path.is_file() and path.resolve().is_relative_to(home) else None
    except (OSError, ValueError, RuntimeError):  # a name that no disk takes, or links in a circle
        return None


def _files_below(folder: Path) -> Iterator[Path]:
    for here, inner, names in os.walk(folder):
        inner.sort()
        yield from (Path(here, name) for name in sorted(names) if name.endswith(_ENDING))
