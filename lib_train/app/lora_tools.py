"""Tools on LoRA files, one function each: files and settings in, what was made out.

Each tells how far it is, and can be cancelled: nothing is written then, and None is returned.
"""

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PIL import Image

from lib_train.app.works import GoOn
from lib_train.config.tools import BlocksConfig, ConvertConfig, ExtractConfig, MergeConfig, ResizeConfig
from lib_train.errors import FileError, unwritten
from lib_train.file_kinds import missing_file_text
from lib_train.files import write_whole
from lib_train.lora_tools import blocks as weighting
from lib_train.lora_tools import convert as converting
from lib_train.lora_tools import extract as extracting
from lib_train.lora_tools import into as merging_into
from lib_train.lora_tools import merge as merging
from lib_train.lora_tools import resize as resizing
from lib_train.lora_tools.base_file import base_weights
from lib_train.lora_tools.outcome import Outcome, Tell, told
from lib_train.pictures.images import open_picture, smaller
from lib_train.texts import joined, say

__all__ = ["Outcome", "blocks", "convert", "extract", "merge", "resize", "told"]

_COVER_PIXELS = 512
"""Longest side of a cover."""


class _Cancelled(Exception):
    """Somebody does not want it any more."""


def _always(done: int, total: int) -> bool:
    return True


def resize(
    file: Path, to: Path, settings: ResizeConfig, base: Path | None = None, go_on: GoOn = _always
) -> Outcome | None:
    """A network file of any kind as a LoRA of fewer ranks.

    Args:
        base: the checkpoint that it was trained on; needed for kinds that multiply or normalise its weights.

    Raises:
        TrainToolsError: the files or the settings cannot be used, or the new file cannot be written.
    """
    with base_weights(base) as weights:
        return _done(partial(resizing.resize, file, to, settings, weights), go_on)


def blocks(
    file: Path, to: Path, settings: BlocksConfig, presets: Mapping[str, str] | None = None, base: Path | None = None,
    go_on: GoOn = _always,
) -> Outcome | None:  # fmt: skip
    """A network file with its blocks multiplied by their weights.

    Args:
        presets: further lists by name, see ``read_presets``.
        base: as for ``resize``; needed where such a kind has weights that are neither 0 nor 1.

    Raises:
        TrainToolsError: as for ``resize``.
    """
    with base_weights(base) as weights:
        return _done(partial(weighting.blocks, file, to, settings, presets, weights), go_on)


def merge(
    files: Sequence[Path], to: Path, settings: MergeConfig, presets: Mapping[str, str] | None = None,
    base: Path | None = None, into: Path | None = None, go_on: GoOn = _always,
) -> Outcome | None:  # fmt: skip
    """The weighted sum of network files of any kinds: as a network file, or put into a checkpoint.

    Args:
        presets, base: as for ``blocks``.
        into: the checkpoint of which ``to`` becomes a copy with the networks in it.

    Raises:
        TrainToolsError: as for ``resize``.
    """
    if into is not None:
        return _done(partial(merging_into.merge_into, files, into, to, settings, presets), go_on)
    with base_weights(base) as weights:
        return _done(partial(merging.merge, files, to, settings, presets, weights), go_on)


def extract(base: Path, tuned: Path, to: Path, settings: ExtractConfig, go_on: GoOn = _always) -> Outcome | None:
    """The difference of two checkpoints as a LoRA.

    Raises:
        TrainToolsError: as for ``resize``.
    """
    return _done(partial(extracting.extract, base, tuned, to, settings), go_on)


def convert(
    file: Path, to: Path, settings: ConvertConfig, cover: Path | None = None, go_on: GoOn = _always
) -> Outcome | None:
    """The same network in another precision, under other names, with other metadata.

    Args:
        cover: a picture, which is put into the file small and beside it, where the WebUI's cards look for one.

    Raises:
        TrainToolsError: as for ``resize``, or the picture cannot be read.
    """
    if cover and not os.path.isfile(cover):  # such as a device, which never ends
        raise FileError(joined(": ", (cover, missing_file_text(str(cover), say("a picture")))))
    picture = smaller(open_picture(cover), _COVER_PIXELS) if cover else None
    small = _encoded(picture, "JPEG") if picture else None
    outcome = _done(partial(converting.convert, file, to, settings, small), go_on)
    if outcome is None or picture is None:
        return outcome
    beside = to.with_suffix(".preview.png")
    try:
        write_whole(beside, _encoded(picture, "PNG"), replace=False)
    except FileExistsError:
        note = say("{name} is there already and stays", name=beside.name)
        return replace(outcome, notes=(*outcome.notes, note))
    except OSError as error:  # the file itself is there
        return replace(outcome, notes=(*outcome.notes, str(unwritten(beside, error))))
    return outcome


def _encoded(picture: Image.Image, kind: str) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, quality=85)
    return content.getvalue()


def _done(act: Callable[..., Outcome], go_on: GoOn) -> Outcome | None:
    try:
        return act(tell=_tell(go_on))
    except _Cancelled:
        return None


def _tell(go_on: GoOn) -> Tell:
    def tell(done: int, total: int) -> None:
        if not go_on(done, total):
            raise _Cancelled

    return tell
