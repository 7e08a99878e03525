"""Files of an archive that come beside others: none is written over, and none comes twice."""

import hashlib
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from lib_train.files import written
from lib_train.store.pack_files import Pack
from lib_train.store.packs import PackedFile


def place_file(pack: Pack, one: PackedFile, target: Path, content: bytes | None = None) -> Path | None:
    """Write a file of an archive under a name, or with a number behind it where another file has the name.

    Args:
        content: what is written instead of the archive's.

    Returns:
        Where it lies; None where the very same was there already.

    Raises:
        OSError: it cannot be written.
    """
    size = one.size if content is None else len(content)
    digest = one.sha256 if content is None else hashlib.sha256(content).hexdigest()
    for path in _numbered(target):
        if not os.path.lexists(path):
            try:
                with written(path, replace=False) as partial:
                    if content is None:
                        pack.copy(one.path, partial)
                    else:
                        partial.write_bytes(content)
                return path
            except FileExistsError:  # since a moment ago
                pass
        if path.is_file() and path.stat().st_size == size and sha256_of(path) == digest:
            return None
    raise AssertionError("numbers never end")


def sha256_of(path: Path) -> str:
    """Of a file's content.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_stem(f"{path.stem}-{number}") for number in count(2))
