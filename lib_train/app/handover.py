"""Copies checkpoints into the host's LoRA folder."""

import filecmp
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from PIL import Image

from lib_train.errors import FileError, reason
from lib_train.files import written
from lib_train.host.protocol import Host
from lib_train.marks import mark_of
from lib_train.previews.card import card_picture
from lib_train.store.json_files import as_json
from lib_train.texts import say

_SHOWN = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif")
"""Endings of a card's picture in the WebUI, also after ".preview"."""


def install(host: Host, source: Path, card: Mapping[str, Any], pictures: Sequence[Path] = ()) -> Path:
    """Copy a checkpoint into the host's LoRA folder, with a card and a picture where it has none yet.

    After an error nothing of it is there; what lay there before always stays.

    Args:
        pictures: of the card; several become one, see ``card_picture``, a single one is copied as it is.

    Raises:
        FileError: the host has no such folder, another file of this name lies there, or the disk is full.
    """
    folder = host.lora_folder()
    if folder is None:
        raise FileError(say("this host has no LoRA folder: download the file instead"))
    target = folder / source.name
    new: list[Path] = []
    try:
        if os.path.lexists(target) and not _same(source, target):
            raise FileError(
                say("{name}: the LoRA folder has another file of this name; move it away first", name=target.name)
            )
        folder.mkdir(parents=True, exist_ok=True)
        if pictures and not _has_picture(target):
            _add(new, target.with_suffix(".preview.png"), lambda partial: _write_picture(pictures, partial))
        _add(new, target.with_suffix(".json"), lambda partial: partial.write_bytes(as_json(card)))
        _add(new, target, lambda partial: shutil.copyfile(source, partial))  # last: it makes the others count
    except BaseException as error:
        for path in new:
            with suppress(OSError):
                path.unlink()
        if isinstance(error, OSError):
            raise FileError(
                say("{name}: cannot be put into the LoRA folder ({why}); make room there or check the permissions of "
                    "{folder}", name=target.name, why=reason(error), folder=folder)
            ) from error  # fmt: skip
        raise
    host.refresh_loras()
    return target


def _add(new: list[Path], path: Path, write: Callable[[Path], object]) -> None:
    """Write a file where there is none of this name yet, and note that it is new."""
    if os.path.lexists(path):
        return
    with written(path, replace=False) as partial:
        write(partial)
    new.append(path)


def _write_picture(pictures: Sequence[Path], to: Path) -> None:
    if len(pictures) == 1:
        shutil.copyfile(pictures[0], to)
        return
    with ExitStack() as files:
        card_picture([files.enter_context(Image.open(path)) for path in pictures]).save(to, "PNG")


def _has_picture(target: Path) -> bool:
    """Whether the LoRA folder has any picture that the host shows for this network."""
    names = {f"{target.stem}{middle}{ending}".lower() for middle in ("", ".preview") for ending in _SHOWN}
    return any(path.name.lower() in names for path in target.parent.iterdir())


def _same(source: Path, target: Path) -> bool:
    return target.is_file() and filecmp.cmp(source, target, shallow=False)


def installed(host: Host, source: Path) -> bool:
    """Whether the host's LoRA folder has this very file."""
    folder = host.lora_folder()
    target = folder / source.name if folder else None
    try:
        if target is None or not target.is_file() or target.stat().st_size != source.stat().st_size:
            return False
        if mark_of(source)[-1] != mark_of(target)[-1]:  # of one size and date two files would count as one
            return False
        return filecmp.cmp(source, target)  # remembers what it read: lists ask often
    except OSError:  # one of them is gone meanwhile, or may not be read
        return False
