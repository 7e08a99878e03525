"""Archives of projects on disk: zips with a manifest and a sha256 of each file, written whole, read with distrust."""

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, NamedTuple

from lib_train.errors import ArchiveError, FileError, reason, unwritten
from lib_train.file_kinds import missing_file_text
from lib_train.files import free_bytes, written
from lib_train.pictures.archives import Limits, Source, opened
from lib_train.store.json_files import as_json
from lib_train.store.packs import MANIFEST, Manifest, PackedFile, manifest_from, require_sound, trouble_in, twice_in
from lib_train.texts import joined, say

GoOn = Callable[[int, int], bool]
"""Told (bytes done, all bytes); False cancels."""
_BLOCK = 2**20
_LIMITS = Limits(members=200_000, unpacked_bytes=2**40)
_MOST_MANIFEST = 2**27
_PACKED = (".txt", ".caption", ".json", ".jsonl", ".yaml")
"""Endings of what is deflated; all else is packed by its own format, or does not pack."""


class Cancelled(Exception):
    """Somebody asked to stop; nothing is left of it."""


class Item(NamedTuple):
    """A file that goes into an archive."""

    path: str
    """In the archive."""
    content: Path | bytes

    @property
    def size(self) -> int:
        """Bytes that it has now.

        Raises:
            OSError: it is gone.
        """
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


def write_pack(
    path: Path, manifest: Manifest, items: Sequence[Item], go_on: GoOn, *, replaces: bool = False
) -> Manifest:
    """Write an archive, whole or not at all; returns its manifest with the list of files.

    Args:
        replaces: whether a file of this name may be replaced.

    Raises:
        FileError: a file has a name that not every system can keep or cannot be read; ``path`` is there already, or the
            disk has no room.
        Cancelled: ``go_on`` said so.
    """
    for one in items:
        if trouble := trouble_in(one.path):
            named = one.content if isinstance(one.content, Path) else one.path
            raise FileError(say("{path!r}: {trouble}", path=str(named), trouble=trouble))
    if twice := twice_in(one.path for one in items):
        raise FileError(say("{one} and {other} are one name on other systems; rename one of them", one=twice[0],
                            other=twice[1]))  # fmt: skip
    try:
        total = sum(one.size for one in items)
        _require_room(path, total)
        with written(path, replace=replaces) as partial:
            return _write(partial, manifest, items, go_on, total)
    except FileExistsError as error:
        raise FileError(
            say("{path}: is there already and is not written over; choose another name", path=path)
        ) from error
    except OSError as error:
        raise unwritten(Path(error.filename) if isinstance(error.filename, str) else path, error) from error


def _require_room(path: Path, needed: int) -> None:
    free = free_bytes(path.parent)
    if free is not None and free < needed:
        raise FileError(
            say("{path}: the disk has {free:.0f} MiB free, and {needed:.0f} are needed; make room, or choose another "
                "place", path=path, free=free / 2**20, needed=needed / 2**20)
        )  # fmt: skip


def _write(partial: Path, manifest: Manifest, items: Sequence[Item], go_on: GoOn, total: int) -> Manifest:
    files: list[PackedFile] = []
    done = 0
    with zipfile.ZipFile(partial, "w", allowZip64=True) as archive:
        for one in items:
            digest, before = hashlib.sha256(), done
            with archive.open(_info(one), "w", force_zip64=one.size >= 2**31) as member:
                for block in _blocks_of(one.content):
                    member.write(block)
                    digest.update(block)
                    done += len(block)
                    if not go_on(min(done, total), total):
                        raise Cancelled
            files.append(PackedFile(one.path, done - before, digest.hexdigest()))
        whole = replace(manifest, files=files, packed_at=time.time())
        archive.writestr(_info(Item(MANIFEST, b"")), as_json(whole.to_json()))
    return whole


def _blocks_of(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _info(one: Item) -> zipfile.ZipInfo:
    at = time.localtime(one.content.stat().st_mtime if isinstance(one.content, Path) else None)
    info = zipfile.ZipInfo(one.path, max((1980, 1, 1, 0, 0, 0), at[:6]))
    packs = os.path.splitext(one.path)[1].lower() in _PACKED
    info.compress_type = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
    return info


class Pack:
    """An archive that is open, of which the list of files has been looked at.

    Args:
        name: of the archive, for messages.
    """

    def __init__(self, name: str, manifest: Manifest, sources: Mapping[str, Source]) -> None:
        self.name, self.manifest, self._sources = name, manifest, sources
        self._files = {one.path: one for one in manifest.files}

    def below(self, folder: str) -> list[PackedFile]:
        """Files below a folder, such as "versions/v1/runs/r001"."""
        return [one for one in self.manifest.files if one.path.startswith(f"{folder}/")]

    def has(self, path: str) -> PackedFile | None:
        """The file of this path; None where there is none."""
        return self._files.get(path)

    def read(self, path: str) -> bytes:
        """Content of a small file.

        Raises:
            ArchiveError: it is damaged.
        """
        return b"".join(self.blocks(path))

    def copy(self, path: str, to: Path) -> None:
        """Write a file to a path that nobody looks at yet.

        Raises:
            ArchiveError: it is damaged.
            OSError: it cannot be written.
        """
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("wb") as file:
            for block in self.blocks(path):
                file.write(block)

    def blocks(self, path: str) -> Iterator[bytes]:
        """Content of a file in parts; after the last one its checksum has been compared.

        Raises:
            ArchiveError: it is damaged.
        """
        wanted, digest, size = self._files[path], hashlib.sha256(), 0
        blocks = self._sources[path].blocks
        assert blocks, "members of archives have blocks"
        going = blocks()
        while size <= wanted.size and (block := self._next(going, path)):
            digest.update(block)
            size += len(block)
            yield block
        if (size, digest.hexdigest()) != (wanted.size, wanted.sha256):
            raise ArchiveError(say("{name}: {part} in it is damaged; copy or pack it anew", name=self.name, part=path))

    def _next(self, going: Iterator[bytes], path: str) -> bytes:
        try:
            return next(going, b"")
        except OSError as error:
            raise ArchiveError(
                say("{name}: {part} in it is damaged; copy or pack it anew", name=self.name, part=path)
            ) from error


@contextmanager
def opened_pack(content: IO[bytes], name: str) -> Iterator[Pack]:
    """An archive that ``write_pack`` wrote. Nothing is unpacked before it is asked for.

    Args:
        name: of the archive, for messages.

    Raises:
        ArchiveError: it is none, is damaged at its end, is a bomb, or holds what no such archive has.
    """
    with ExitStack() as stack:
        try:
            sources, refused = stack.enter_context(opened(content, name, _LIMITS))
        except ArchiveError as error:
            raise ArchiveError(
                say("{name}: is no whole archive of Train Tools; copy or pack it anew", name=name)
            ) from error
        if refused:
            raise ArchiveError(say("{name}: is no archive of Train Tools: {why}", name=name, why=refused[0]))
        told = [one for one in sources if one.path == MANIFEST]
        if len(told) != 1:
            raise ArchiveError(
                say("{name}: is no archive of Train Tools; pictures come in by train-tools import", name=name)
            )
        manifest = manifest_from(_manifest_in(told[0], name), name)
        others = [one for one in sources if one.path != MANIFEST]
        sizes = {one.path: one.size for one in manifest.files}
        require_sound(name, manifest, [(one.path, sizes.get(one.path, -1)) for one in others])
        yield Pack(name, manifest, {one.path: one for one in others})


def _manifest_in(source: Source, name: str) -> dict[str, object]:
    try:
        with source.open() as stream:
            value = json.loads(stream.read(_MOST_MANIFEST))
    except (OSError, ValueError, RecursionError) as error:
        raise ArchiveError(
            say("{name}: its list of files cannot be read ({why}); copy or pack it anew", name=name, why=reason(error))
        ) from error
    return value if isinstance(value, dict) else {}


@contextmanager
def pack_at(path: Path) -> Iterator[Pack]:
    """The archive in a file.

    Raises:
        ArchiveError: see ``opened_pack``; or there is no such file.
    """
    if not os.path.isfile(path):  # such as a device, which never ends
        raise ArchiveError(joined(": ", (path, missing_file_text(str(path), say("an archive of a project")))))
    try:
        file = path.open("rb")
    except OSError as error:
        raise ArchiveError(
            say("{name}: cannot be read ({why}); check the path", name=path, why=reason(error))
        ) from error
    with file, opened_pack(file, path.name) as pack:
        yield pack
