"""Axes of sheets, written as ``weight:0.1-1.0 [10]``. An axis is one entry of ``AXES``; pure."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any, NamedTuple

from lib_train.config.alternatives import alternatives
from lib_train.config.fields import option, options_of
from lib_train.names import row_labels
from lib_train.picture_request import PictureRequest
from lib_train.texts import Text, joined, say

AS_IS, NOTHING = "off", "none"
"""The value of ``blocks`` that leaves a checkpoint as it is, and that of ``lora`` without a second one."""
MOST = 200
"""Values of an axis."""
_SHORT = 24
"""Letters of weights of blocks that can be read beside a row."""
_COUNTS = (1, 12, 17, 20, 23, 25, 26)
_NAME = re.compile(r"[A-Za-z][\w.+-]{0,23}")
_SIZE = re.compile(r"(\d{2,4})\s*[xX×*]\s*(\d{2,4})")
_STRENGTH = re.compile(r"(.+):\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*")


@dataclass(frozen=True)
class _Numbers:
    """Limits of the axes that are numbers: those of the previews' settings."""

    weight: float = option(1.0, "", low=-4, high=4)
    seed: int = option(1, "", low=-1, high=2**32 - 1)
    steps: int = option(20, "", low=1, high=150)
    cfg: float = option(7.0, "", low=1, high=30)
    clip_skip: int = option(1, "", low=1, high=12)


class Cell(NamedTuple):
    """A picture of a sheet: its request, whose ``network`` is the checkpoint, and weights for the blocks of that."""

    request: PictureRequest
    blocks: str = ""


class Known(NamedTuple):
    """What names of values may mean."""

    networks: Sequence[Path]
    """Checkpoints, the oldest first."""
    lora: Callable[[str], Path]
    """The LoRA file of a name or path; raises ValueError where there is none."""


class Axis(NamedTuple):
    """Something that pictures of a sheet may differ in."""

    name: str
    read: Callable[[str], list[Any]]
    """Values of a text. Raises ValueError, which says how to write it."""
    put: Callable[[Cell, Any, Sequence[Any]], Cell]
    """A picture with a value, of all values. Raises ValueError."""
    get: Callable[[Cell], Any]
    """What a picture has; None, "" and () say nothing."""
    label: Callable[[Sequence[Any]], list[str]]
    """A label for each value."""
    example: str
    find: Callable[[Sequence[Any], Known], list[Any]] = lambda values, _: list(values)
    """What the values mean. Raises ValueError."""
    repeats: bool = False
    """Whether a sheet may have several of this kind."""


class Chosen(NamedTuple):
    """An axis with its values."""

    axis: Axis
    values: tuple[Any, ...]

    def found(self, known: Known) -> "Chosen":
        """The same with what the values mean.

        Raises:
            ValueError: one means nothing.
        """
        return self._replace(values=tuple(self.axis.find(self.values, known)))

    def labels(self) -> list[str]:
        """A label for each value."""
        return self.axis.label(self.values)


def texts(text: str) -> list[str]:
    """Values with commas between them; quotes stand around those that hold commas.

    >>> texts('sitting, "standing, smiling"'), texts('says ""hi""')
    (['sitting', 'standing, smiling'], ['says ""hi""'])

    Raises:
        ValueError: there are none, or a quote is missing.
    """
    try:
        [row] = csv.reader([text], skipinitialspace=True, strict=True) if text.strip() else [[]]
    except (csv.Error, ValueError) as error:
        raise ValueError(say('put values that hold commas between quotes: {example}',
                             example='"standing, smiling",sitting')) from error  # fmt: skip
    return _several([value.strip() for value in row])


def _several(values: Sequence[Any]) -> list[Any]:
    if not values:
        raise ValueError(say("has no values; write them behind the colon, with commas between them"))
    if len(values) > MOST:
        raise ValueError(say("gives more than {most} values; give fewer", most=MOST))
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(say("{value!r} is given twice; leave one out", value=value))
    return list(values)


def _numbers(name: str, text: str) -> list[Any]:
    if not text.strip():
        return _several([])
    return alternatives(next(one for one in options_of(_Numbers) if one.name == name), text)


def _sizes(text: str) -> list[tuple[int, int]]:
    found = []
    for part in texts(text):
        match = _SIZE.fullmatch(part)
        sides = (int(match[1]), int(match[2])) if match else (0, 0)
        if not all(64 <= side <= 4096 and side % 8 == 0 for side in sides):
            remedy = say("write width x height, such as 512x768, in multiples of 8 from 64 to 4096")
            raise ValueError(joined(": ", (repr(part), remedy)))
        found.append(sides)
    return _several(found)


def block_trouble(text: str) -> Text | None:
    """Why a text is no weights of blocks; None where it may be some."""
    if _NAME.fullmatch(text.strip()):
        return None
    numbers = text.split(",")
    try:
        fits = len([float(number) for number in numbers]) in _COUNTS
    except ValueError:
        fits = False
    return None if fits else say(
        "give a preset's name, or 1, 12, 17, 20, 23, 25 or 26 numbers with commas between them"
    )  # fmt: skip


def _blocks(text: str) -> list[str]:
    found = [part.strip() for part in text.split(";") if part.strip()]
    for part in found:
        if trouble := block_trouble(part):
            raise ValueError(joined(": ", (repr(part), trouble)))
    return _several(["" if part == AS_IS else part for part in found])


def block_marks(lists: Sequence[str]) -> list[str]:
    """Short names of weights of blocks, for labels and files: a preset's, or the list's place.

    >>> block_marks(["FACE", "1,0,0,0,0,0,0,0,0,0,0,0", ""])
    ['FACE', 'list2', '']
    """
    return [text.strip() if re.fullmatch(r"[\w.+-]*", text.strip()) and len(text) <= _SHORT else f"list{place}"
            for place, text in enumerate(lists, 1)]  # fmt: skip


def is_path(lora: str) -> bool:
    """Whether a second LoRA is named by its path; else it is known by its name.

    >>> is_path("style"), is_path("models/style.safetensors")
    (False, True)
    """
    return any(sign in lora for sign in "/\\")


def _loras(text: str) -> list[tuple[str, float] | None]:
    found: list[tuple[str, float] | None] = []
    for part in texts(text):
        match = _STRENGTH.fullmatch(part)
        found.append(None if part == NOTHING else (match[1].strip(), float(match[2])) if match else (part, 1.0))
    return _several(found)


def _found_loras(values: Sequence[Any], known: Known) -> list[Any]:
    return [value and ((known.lora(value[0]), value[1]),) or () for value in values]


def _lora_labels(values: Sequence[Any]) -> list[str]:
    return [f"{value[0][0].stem}:{value[0][1]:g}" if value else NOTHING for value in values]


def _found_checkpoints(values: Sequence[str], known: Known) -> list[Path]:
    """Those of each pattern, which matches names of files with and without ending, and labels such as "epoch 2"."""
    labels = dict(zip(known.networks, row_labels(known.networks), strict=True)) if known.networks else {}
    found: dict[Path, None] = {}
    for pattern in values or ["*"]:
        names = {path: (path.name, path.stem, label) for path, label in labels.items()}
        fits = [path for path, own in names.items() if any(fnmatchcase(name, pattern) for name in own)]
        if not fits:
            some = ", ".join(list(labels.values())[:8]) or say("there are none")
            raise ValueError(say("no checkpoint is called {name!r}; there are: {some}", name=pattern, some=some))
        found |= dict.fromkeys(fits)
    return list(found)


def _found_seeds(values: Sequence[int], known: Known) -> list[int]:
    return [SystemRandom().randrange(2**32) if seed < 0 else seed for seed in values]


def _replaced(cell: Cell, value: str, values: Sequence[str]) -> Cell:
    searched, request = values[0], cell.request
    if not searched or not (searched in request.prompt or searched in request.negative_prompt):
        remedy = say("replace: {searched!r} does not stand in the prompt {prompt!r}: the first value is searched",
                     searched=searched, prompt=request.prompt)  # fmt: skip
        raise ValueError(remedy)
    changed = {name: getattr(request, name).replace(searched, value) for name in ("prompt", "negative_prompt")}
    return cell._replace(request=replace(request, **changed))


def _put(field: str, cell: Cell, value: Any, _: Sequence[Any]) -> Cell:
    return cell._replace(request=replace(cell.request, **{field: value}))


Labels = Callable[[Sequence[Any]], list[str]]


def _each(template: str) -> Labels:
    """Labels that have the value at {}."""
    return lambda values: [template.format(value) for value in values]


def _field(name: str, field: str, read: Callable[[str], list[Any]], label: Labels, example: str, **more: Any) -> Axis:
    """An axis that is a field of the request."""
    return Axis(name, read, partial(_put, field), lambda cell: getattr(cell.request, field), label, example, **more)


def _number(name: str, field: str, label: str, example: str, **more: Any) -> Axis:
    return _field(name, field, partial(_numbers, name), _each(label), example, **more)


def _sized(cell: Cell, value: tuple[int, int], _: Sequence[Any]) -> Cell:
    return cell._replace(request=replace(cell.request, width=value[0], height=value[1]))


_ALL = (
    _field("checkpoint", "network", lambda text: texts(text) if text.strip() else [], row_labels,
           "epoch 1,epoch 2,last", find=_found_checkpoints),
    Axis("blocks", _blocks, lambda cell, value, _: cell._replace(blocks=value), lambda cell: cell.blocks,
         lambda values: [mark or AS_IS for mark in block_marks(values)],
         f"{AS_IS};FACE;1,1,1,1,1,0.8,0.2,1,1,1,1,1,1,1,1,1,1"),
    _number("weight", "weight", "weight {:g}", "0.1-1.0 [10]"),
    _field("lora", "others", _loras, _lora_labels, f"{NOTHING},style:0.6", find=_found_loras),
    _field("prompt", "prompt", texts, _each("{}"), '"a cat, sitting","a dog"'),
    Axis("replace", texts, _replaced, lambda cell: None, lambda values: [value or "-" for value in values],
         "sitting,standing,kneeling", repeats=True),
    _number("seed", "seed", "seed {}", "1-4", find=_found_seeds),
    _field("sampler", "sampler", texts, _each("{}"), "Euler a,DPM++ 2M"),
    _field("scheduler", "scheduler", texts, _each("{}"), "Automatic,Karras"),
    _number("steps", "steps", "{} steps", "10,20,30"),
    _number("cfg", "cfg_scale", "CFG {:g}", "5,7,9"),
    Axis("size", _sizes, _sized, lambda cell: (cell.request.width, cell.request.height),
         lambda values: [f"{width} x {height}" for width, height in values], "512x512,512x768"),
    _number("clip_skip", "clip_skip", "clip skip {}", "1,2"),
)  # fmt: skip
AXES: Mapping[str, Axis] = {axis.name: axis for axis in _ALL}
"""By name, in the order in which they are applied: a prompt before what is replaced in it."""
