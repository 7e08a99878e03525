"""Files that can be taken in, gathered from what a person names: pictures, folders and zip archives."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from lib_train.errors import ArchiveError, FileError, reason
from lib_train.names import out_of_sight
from lib_train.pictures.archives import ENDING, Source, opened
from lib_train.texts import joined, say

_MOST_FILES = 100_000


class Gathered(NamedTuple):
    """What was found."""

    sources: list[Source]
    refused: list[str]
    """A sentence for each thing that is none, or cannot be read."""


@contextmanager
def gathered(given: Sequence[Source | Path]) -> Iterator[Gathered]:
    """All files in what is given; they can be opened while this is entered.

    A folder's name goes before the paths in it, an archive's before those of its members. Links are not followed, and
    an archive inside an archive or folder stays what it is.

    Raises:
        FileError: a folder holds more files than any set of pictures.
    """
    found = Gathered([], [])
    with ExitStack() as archives:
        for one in given:
            source = _source_of(one) if isinstance(one, Path) else one
            try:
                if isinstance(one, Path) and one.is_dir():
                    _add_folder(one, found)
                elif isinstance(one, Path) and not one.is_file():
                    raise OSError(0, say("there is no such folder or file"))
                elif source.path.lower().endswith(ENDING):
                    _add_archive(source, found, archives)
                else:
                    found.sources.append(source)
            except ArchiveError as error:
                found.refused.append(str(error))
            except OSError as error:
                found.refused.append(joined(": ", (source.path, say("cannot be read ({why})", why=reason(error)))))
        yield found


def sent(path: str, content: IO[bytes]) -> Source:
    """A file that came with a request."""
    if not hasattr(content, "seekable"):  # a spooled file before Python 3.11, which zips cannot be read from without
        content.seekable = lambda: True  # type: ignore[method-assign]
    return Source(path, lambda: nullcontext(content))


def _source_of(path: Path) -> Source:
    return Source(path.name, partial(_read, path))


def _read(path: Path) -> AbstractContextManager[IO[bytes]]:
    return path.open("rb")


def _add_archive(source: Source, found: Gathered, archives: ExitStack) -> None:
    stem = source.path[: -len(ENDING)]
    content = archives.enter_context(source.open())
    members, refused = archives.enter_context(opened(content, source.path))
    found.sources.extend(Source(f"{stem}/{member.path}", member.open) for member in members)
    found.refused.extend(refused)


def _add_folder(folder: Path, found: Gathered) -> None:
    name = os.path.basename(os.path.abspath(folder))
    stack = [(folder, name)]
    while stack:
        place, told = stack.pop()
        for entry in _entries(place, told, found):
            path = f"{told}/{entry.name}"
            if entry.is_symlink():
                is_link = say("is a link; put the file itself there")
                found.refused.append(joined(": ", (path, is_link)))
            elif entry.is_dir():
                stack.append((place / entry.name, path))
            elif entry.is_file():
                found.sources.append(Source(path, partial(_read, place / entry.name)))
        if len(found.sources) > _MOST_FILES or len(stack) > _MOST_FILES:
            raise FileError(
                say("{folder}: holds more than {most} files; name the folder of the pictures", folder=folder,
                    most=_MOST_FILES)
            )  # fmt: skip


def _entries(place: Path, told: str, found: Gathered) -> list["os.DirEntry[str]"]:
    """What is in a folder, sorted, without what is hidden or of systems."""
    try:
        with os.scandir(place) as entries:
            return sorted((one for one in entries if not out_of_sight(one.name)), key=lambda one: one.name)
    except OSError as error:
        found.refused.append(joined(": ", (told, say("cannot be read ({why})", why=reason(error)))))
        return []
