"""Weights for each block of a model, in the lists of sd-webui-lora-block-weight and of kohya's sd-scripts."""

import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lib_train.errors import ConfigError, FileError, Problem, reason
from lib_train.file_kinds import missing_file_text
from lib_train.layer_shapes import LayerShape
from lib_train.networks.keys import block_of, ldm_unet_name
from lib_train.networks.places import UNET, place_of
from lib_train.texts import Text, joined, say
from lib_train.vocabulary import BLOCKS

BASE = "BASE"
"""The text encoders."""
_SD, _SDXL = ("sd1", "sd2"), ("sdxl",)


def _names(text: str) -> tuple[str, ...]:
    """Names of blocks, of which ``IN00-11`` stands for twelve."""
    found: list[str] = []
    for word in text.split():
        side, first, last = re.fullmatch(r"([A-Z]+)(\d*)(?:-(\d+))?", word).groups()  # type: ignore[union-attr]
        found += [f"{side}{n:02}" for n in range(int(first), int(last) + 1)] if last else [word]
    return tuple(found)


FULL = _names("BASE IN00-11 M00 OUT00-11")
"""Blocks of the longest list, which every family can have; SDXL has none behind IN08 and OUT08."""
_LISTS: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {
    12: (_names("BASE IN04 IN05 IN07 IN08 M00 OUT00-05"), _SDXL),
    17: (_names("BASE IN01 IN02 IN04 IN05 IN07 IN08 M00 OUT03-11"), _SD),
    20: (_names("BASE IN00-08 M00 OUT00-08"), _SDXL),
    23: (BLOCKS["sdxl"], _SDXL),
    25: (BLOCKS["sd1"], _SD),
    26: (FULL, (*_SD, *_SDXL)),
}
"""Length -> its blocks, and the families that it is for. Those of 23 and 25 are kohya's and have no text encoders."""
PRESETS = {
    "NONE": "0", "ALL": "1", "ALL0.5": "0.5",
    "INS": "1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0", "IND": "1,0,0,0,1,1,1,0,0,0,0,0,0,0,0,0,0",
    "INALL": "1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0", "MIDD": "1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0",
    "OUTD": "1,0,0,0,0,0,0,0,1,1,1,1,0,0,0,0,0", "OUTS": "1,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1",
    "OUTALL": "1,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1",
    "FACE": "0,1,1,1,1,1,0,0,0,1,0,0,0,0,1,0,1,1,1,0,1,1,1,0,0,1",
    "BODY": "0,1,1,1,0,1,0,0,0,1,0,0,0,0,0,0,1,1,1,1,1,1,1,0,0,1",
}  # fmt: skip
"""Those of lora-block-weight, and two of CharFramework's README, which recipes of characters use."""
_FOR_ALL = ("NONE", "ALL", "ALL0.5")
_IN_BLOCK = re.compile(r"(input|output)_blocks\.|middle_block\.")
_DRAWN = frozenset("RUX")
_LARGEST = 100.0
"""As weights of files are limited."""


@dataclass(frozen=True)
class BlockWeights:
    """A factor for each block of a family."""

    text: str
    """As it was given."""
    family: str
    numbers: Mapping[str, float]
    """By the blocks that the list has; all others are 0."""
    everywhere: float | None = None
    """The factor for all layers alike; ``numbers`` do not count then."""

    def of(self, name: str) -> float:
        """The factor of a layer, by its name in a file. Layers in no block, such as conv_out, have 1."""
        block = block_of_layer(name, self.family)
        if self.everywhere is not None:
            return self.everywhere
        if block is None:
            return 1.0
        if block == BASE:
            return self.numbers.get(BASE, 1.0)
        return self.numbers.get(_counted(block, name), self.numbers.get(block, 0.0))

    def says_nothing_of(self, name: str) -> bool:
        """Whether the layer is in a block that the list does not have."""
        block = block_of_layer(name, self.family)
        if self.everywhere is not None or block in (None, BASE):
            return False
        return not {block, _counted(block, name)} & self.numbers.keys()


def _counted(block: str | None, name: str) -> str:
    return LayerShape("unet", block or "", "linear", (), name=name).counted_block


def block_of_layer(name: str, family: str) -> str | None:
    """The block, as sd-webui-lora-block-weight calls it, of the layer that kohya's files call ``name``.

    >>> block_of_layer("lora_unet_mid_block_resnets_0_conv1", "sd1"), block_of_layer("lora_unet_conv_in", "sd1")
    ('M00', 'IN00')
    """
    component, path = place_of(name)
    if component != UNET:
        return BASE
    try:
        path = path if _IN_BLOCK.match(path) else ldm_unet_name(path, family)
    except KeyError:
        return None
    return block_of(path) if _IN_BLOCK.match(path) else None


def block_weights(text: str, family: str, presets: Mapping[str, str] | None = None) -> BlockWeights:
    """The weights that a text stands for: a preset's name, one number for all, or a list.

    Args:
        family: "sd1", "sd2" or "sdxl".
        presets: further ones by name, which win.

    Raises:
        ConfigError: it is none of these, or a list of another family.
    """
    known = {**PRESETS, **(presets or {})}
    found = known.get(text.strip(), text)
    numbers = [_number(text, part) for part in found.split(",")]
    if len(numbers) == 1:
        return BlockWeights(text, family, {}, numbers[0])
    names, families = _LISTS.get(len(numbers), ((), ()))
    if family not in families:
        fitting = ", ".join(str(count) for count, (_, fit) in _LISTS.items() if family in fit)
        raise _unusable(text, say("has {count} numbers; give a list of {fitting} for {family}, or one number for all",
                                  count=len(numbers), fitting=fitting, family=family.upper()))  # fmt: skip
    return BlockWeights(text, family, dict(zip(names, numbers, strict=True)))


def _number(text: str, part: str) -> float:
    if part.strip().upper() in _DRAWN:
        raise _unusable(text, say("R, U and X are drawn anew for each picture; write a number"))
    try:
        number = float(part)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _unusable(text, say("{part!r} is no number; write numbers with commas between them, or one of {presets}",
                                  part=part.strip()[:40], presets=", ".join(PRESETS)))  # fmt: skip
    if abs(number) > _LARGEST:
        raise _unusable(text, say("{part} is too large; write numbers from {low:g} to {high:g}",
                                  part=part.strip()[:40], low=-_LARGEST, high=_LARGEST))  # fmt: skip
    return number


def _unusable(text: str, remedy: Text) -> ConfigError:
    return ConfigError([Problem("weights", text, remedy)])


def in_full(text: str, family: str, presets: Mapping[str, str] | None = None) -> tuple[float, ...]:
    """The numbers of a list for all blocks of ``FULL``; ``presets`` as for ``block_weights``.

    Raises:
        ConfigError: see ``block_weights``.
    """
    weights = block_weights(text, family, presets)
    if weights.everywhere is not None:
        return (weights.everywhere,) * len(FULL)
    return tuple(weights.numbers.get(block, float(block == BASE)) for block in FULL)


def for_prompts(text: str, family: str, presets: Mapping[str, str] | None = None) -> str:
    """Weights as sd-webui-lora-block-weight reads them in a prompt: it passes over others without a word.

    It knows no list of one number, none of kohya's, and of names those of its own presets. What it cannot say, such as
    three numbers for SDXL's middle, stays as it is. ``presets`` are as for ``block_weights``.

    >>> for_prompts("OUTS", "sd1")
    '1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1'

    Raises:
        ConfigError: see ``block_weights``.
    """
    numbers = block_weights(text, family, presets).numbers
    if len({numbers[block] for block in ("M00", "M01", "M02") if block in numbers}) > 1:
        return text
    return ",".join(f"{number:g}" for number in in_full(text, family, presets))


def read_presets(path: Path) -> dict[str, str]:
    """Lists by name of a file with a line ``NAME:1,0,...`` for each, such as lora-block-weight's lbwpresets.txt.

    Raises:
        FileError: it is missing or cannot be read.
    """
    if not os.path.isfile(path):  # such as a device, which never ends
        raise FileError(joined(": ", (path, missing_file_text(str(path), say("a text file")))))
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise FileError(
            say("{path}: cannot be read ({why}); give a text file with lines such as NAME:1,0,1", path=path,
                why=reason(error))
        ) from error  # fmt: skip
    pairs = (line.partition(":") for line in lines if ":" in line and not line.lstrip().startswith("#"))
    return {name.strip(): numbers.strip() for name, _, numbers in pairs}


def presets_of(path: Path | None) -> dict[str, str]:
    """Those of a host's file that mean something here; none where it is not there or cannot be read.

    NONE, ALL and ALL0.5 stay one number for all layers: lora-block-weight's own lists leave out blocks in between.
    """
    if path is None:
        return {}
    with suppress(FileError):
        found = read_presets(path).items()
        return {name: text for name, text in found if text.count(",") + 1 in _LISTS and name not in _FOR_ALL}
    return {}
