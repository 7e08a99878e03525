"""Prompts with options of their own behind them, written as in sd-scripts' files of sample prompts."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from lib_train.errors import Problem
from lib_train.texts import say

OPTION = re.compile(r"(?:^|\s)--(n|w|h|d|l|s|ss|g|cn|ctr|rcfg|fs)\s+(\S+)")
"""What one begins with: the letter, and the first word of the value."""


class SamplePrompt(NamedTuple):
    """A prompt; what is None has the value of the settings."""

    prompt: str
    negative_prompt: str | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    steps: int | None = None
    cfg_scale: float | None = None
    sampler: str | None = None


class _Meaning(NamedTuple):
    field: str
    kind: Callable[[str], Any]
    low: float
    high: float
    must: str


_MEANINGS = {
    "n": _Meaning("negative_prompt", str, 0, 0, ""),
    "w": _Meaning("width", int, 64, 4096, say("a multiple of 8 from 64 to 4096")),
    "h": _Meaning("height", int, 64, 4096, say("a multiple of 8 from 64 to 4096")),
    "d": _Meaning("seed", int, -1, 2**32 - 1, say("a whole number from -1 to 4294967295")),
    "s": _Meaning("steps", int, 1, 150, say("a whole number from 1 to 150")),
    "l": _Meaning("cfg_scale", float, 1, 30, say("a number from 1 to 30")),
    "ss": _Meaning("sampler", str, 0, 0, ""),
}


def parted(line: str) -> tuple[str, dict[str, str]]:
    """A prompt, and its options by letter as they are written.

    >>> parted("a cat, sitting --n worst quality, bad --w 512 --d 7")
    ('a cat, sitting', {'n': 'worst quality, bad', 'w': '512', 'd': '7'})
    """
    found = list(OPTION.finditer(line))
    ends = [*(match.start() for match in found[1:]), len(line)]
    options = {match[1]: line[match.start(2) : end].strip() for match, end in zip(found, ends, strict=False)}
    return line[: found[0].start() if found else None].strip(), options


def written(prompt: str, options: dict[str, str]) -> str:
    """What ``parted`` takes apart."""
    return " ".join([prompt, *(f"--{letter} {value}" for letter, value in options.items())])


def sample_prompt(line: str) -> SamplePrompt:
    """The prompt of a line, with its options.

    Raises:
        ValueError: one has a value that it cannot have; the text says which.
    """
    prompt, options = parted(line)
    return SamplePrompt(prompt, **{
        meaning.field: _value(letter, text, meaning)
        for letter, text in options.items() if (meaning := _MEANINGS.get(letter))
    })  # fmt: skip


def _value(letter: str, text: str, meaning: _Meaning) -> Any:
    if meaning.kind is str:
        return text
    try:
        value = meaning.kind(text)
        fits = meaning.low <= value <= meaning.high and not (letter in "wh" and value % 8)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(say("--{letter} {text}: must be {must}", letter=letter, text=text, must=meaning.must))
    return value


def problem_in_prompts(prompts: Iterable[str]) -> Problem | None:
    """The first option that cannot be used, or prompt without words."""
    for line in prompts:
        try:
            found = sample_prompt(line)
        except ValueError as error:
            return Problem("preview_prompts", line, str(error))
        if OPTION.search(line) and not found.prompt:
            return Problem("preview_prompts", line, say("write the prompt before its options"))
    return None


def notes_on_prompts(prompts: Iterable[str]) -> list[str]:
    """Options that only other kinds of models have.

    >>> notes_on_prompts(["a cat --w 512 --g 3.5", "a dog"])
    ["preview_prompts: '--g 3.5' is without effect here"]
    """
    found = {letter: text for line in prompts for letter, text in parted(line)[1].items() if letter not in _MEANINGS}
    return [
        say("preview_prompts: {option} is without effect here", option=f"'--{letter} {text}'")
        for letter, text in found.items()
    ]
