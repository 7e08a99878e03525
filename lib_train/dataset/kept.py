"""Tensors kept in files of a cache folder, whole or not at all. Several runs may share one folder."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lib_train.errors import DatasetError, FileError, reason
from lib_train.files import write_whole, written
from lib_train.marks import Mark, mark_of
from lib_train.texts import say

_REMEDY = say("make room, check its permissions, or set cache_latents_to_disk to false")


def made(folder: Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        FileError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            say(
                "{folder}: the cache folder cannot be made ({why}); {remedy}",
                folder=folder,
                why=reason(error),
                remedy=_REMEDY,
            )
        ) from error
    return folder


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file by name; none when it is missing or damaged."""
    try:
        return dict(load_file(path))
    except (OSError, ValueError, SafetensorError):
        return {}


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write tensors as a safetensors file, whole or not at all. It may be lost when the machine crashes.

    Raises:
        FileError: the disk is full or the folder cannot be written to.
    """
    try:
        with written(path, durable=False) as partial:
            save_file(tensors, partial)
    except (OSError, SafetensorError) as error:
        raise FileError(
            say(
                "{folder}: the cache cannot be written ({why}); {remedy}",
                folder=path.parent,
                why=reason(error),
                remedy=_REMEDY,
            )
        ) from error


class Contents:
    """sha256 of files, remembered in an index file as long as their ``Mark`` stays. A damaged index counts as empty."""

    def __init__(self, index: Path) -> None:
        self._index = index
        self._known = self._read()
        self._fresh: dict[str, tuple[Mark, str]] = {}

    def hash_of(self, file: Path) -> str:
        """sha256 of the file's content as it is now.

        Raises:
            DatasetError: the file cannot be read any more.
        """
        name = os.path.abspath(file)
        try:
            mark = mark_of(file)
            known = self._known.get(name)
            if known is None or known[0] != mark:
                known = self._known[name] = self._fresh[name] = mark, _sha256(file)
        except OSError as error:
            raise DatasetError(
                say(
                    "{file}: cannot be read any more ({why}); put it back and start again", file=file, why=reason(error)
                )
            ) from error
        return known[1]

    def save(self) -> None:
        """Add what is new to the index. Where it cannot be written, the next run reads the files again."""
        if not self._fresh:
            return
        rows: Mapping[str, tuple[Mark, str]] = self._read() | self._fresh  # another run may have added some
        text = json.dumps({name: [*mark, digest] for name, (mark, digest) in rows.items()})
        try:
            write_whole(self._index, text.encode(), durable=False)
        except OSError:
            return
        self._fresh = {}

    def _read(self) -> dict[str, tuple[Mark, str]]:
        try:
            rows = json.loads(self._index.read_text(encoding="utf-8"))
            return {
                name: ((size, changed, noted, checksum), digest)
                for name, (size, changed, noted, checksum, digest) in rows.items()
                if {type(size), type(changed), type(noted), type(checksum)} == {int} and type(digest) is str
            }
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while part := opened.read(2**20):
            digest.update(part)
    return digest.hexdigest()
