"""New pictures made of others: files beside the originals, with captions and masks, as steps of one edit.

They are made in a folder of their own and get their names when the edit begins, so that an error leaves nothing.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from PIL import Image

from lib_train.errors import ConfigError, PictureError, TrainToolsError, reason
from lib_train.files import scratch, written
from lib_train.names import composed
from lib_train.pictures.changes import Change, Made, Step
from lib_train.pictures.entry import Entry
from lib_train.pictures.images import open_layers
from lib_train.pictures.masks import mask_of, mask_path, png_of
from lib_train.pictures.places import Places
from lib_train.pictures.retouch import Retouch
from lib_train.texts import joined

GoOn = Callable[[int, int], bool]
"""Told (pictures done, all of them); False cancels."""
Plan = Callable[[Entry, Image.Image], Sequence["Wanted"]]
"""A picture with its pixels -> what is made of it.

May raise a TrainToolsError, which names the picture: the others go on.
"""


@dataclass(frozen=True)
class Wanted:
    """One new picture."""

    retouch: Retouch
    tags: tuple[str, ...] = ()
    """Put at the end of its caption."""
    folder: Path | None = None
    """Where it comes to lie; None is beside the original."""
    is_reg: bool = False
    """Of ``folder``."""


@dataclass
class Results:
    """What is ready to be edited in."""

    steps: list[Step]
    made: int = 0
    """Pictures; captions and masks not counted."""
    refused: tuple[str, ...] = ()
    """A sentence for each picture that nothing could be made of."""
    used: tuple[Entry, ...] = ()
    """Pictures that something was made of."""
    cancelled: bool = False
    examples: tuple[str, ...] = ()
    """Names of the first new files."""


@contextmanager
def made(
    entries: Sequence[Entry],
    plan: Plan,
    places: Places,
    *,
    separator: str = ",",
    go_on: GoOn = lambda done, total: True,
    dry_run: bool = False,
    by_size: bool = False,
) -> Iterator[Results]:
    """Lends the steps that bring new pictures in; they can be applied while this is entered, and are gone afterwards.

    Args:
        separator: between a caption's tags.
        dry_run: whether nothing is computed and written, but counted and named.
        by_size: whether the plan looks at sizes alone, so that a dry run opens no picture that is known.

    Raises:
        OSError: the disk is full, or cannot be written to.
    """
    with scratch(places.cache) as folder:
        making = _Making(folder, places, separator, dry_run, by_size)
        for done, entry in enumerate(entries):
            if not go_on(done, len(entries)):
                yield Results([], cancelled=True)
                return
            making.add(entry, plan)
        go_on(len(entries), len(entries))
        yield making.results()


class _Making:
    def __init__(self, folder: Path, places: Places, separator: str, dry_run: bool, by_size: bool) -> None:
        self._folder, self._places, self._separator, self._dry = folder, places, separator, dry_run
        self._by_size = dry_run and by_size
        self._steps: list[Step] = []
        self._made: list[Path] = []
        self._refused: list[str] = []
        self._used: list[Entry] = []
        self._taken: dict[Path, set[str]] = {}

    def add(self, entry: Entry, plan: Plan) -> None:
        """Make what is wanted of one picture: all of it, or a sentence."""
        before = len(self._steps), len(self._made)
        try:
            picture = self._opened(entry)
            mask = None if self._dry else mask_of(entry, self._places)
            wanted = plan(entry, picture)
            for one in wanted:
                self._add_one(entry, picture, mask, one)
            self._used += [entry] if wanted else []
        except TrainToolsError as error:
            del self._steps[before[0] :], self._made[before[1] :]
            self._refused.append(joined(": ", (entry.path.name, _why(error))))

    def _opened(self, entry: Entry) -> Image.Image:
        if self._by_size and entry.width and not entry.problem:
            return Image.new("1", (entry.width, entry.height))
        return open_layers(entry.path)

    def results(self) -> Results:
        names = tuple(path.name for path in self._made[:3])
        return Results(self._steps, len(self._made), tuple(self._refused), tuple(self._used), examples=names)

    def _add_one(self, entry: Entry, picture: Image.Image, mask: Image.Image | None, wanted: Wanted) -> None:
        folder = wanted.folder or entry.path.parent
        stem = self._free(folder, entry.path.stem, wanted.retouch.word)
        path = folder / f"{stem}.png"
        if self._dry:
            self._made.append(path)
            return
        self._steps.append(Made(path, self._saved(wanted.retouch.picture(picture))))
        self._made.append(path)
        if (caption := self._caption(entry, wanted.tags)) is not None:
            self._steps.append(Change(folder / f"{stem}{_caption_ending(entry)}", None, caption.encode()))
        if mask is not None:
            title, is_reg = (entry.folder, entry.is_reg) if wanted.folder is None else (folder.name, wanted.is_reg)
            if mask.size != picture.size:
                mask = mask.resize(picture.size)
            changed = png_of(wanted.retouch.mask(mask))
            self._steps.append(Change(mask_path(self._places, title, is_reg, stem), None, changed))

    def _saved(self, picture: Image.Image) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{len(self._steps)}.png"
        with written(path) as partial:
            picture.save(partial, "PNG")
        return path

    def _caption(self, entry: Entry, tags: Sequence[str]) -> str | None:
        """The original's, whole, with the tags behind its first line; None where there is nothing to write."""
        new = [tag for tag in tags if tag and tag not in entry.tags(self._separator)]
        if entry.caption_file is None and not new:
            return None
        first, *more = entry.caption.split("\n")
        line = first.rstrip().removesuffix(self._separator).rstrip()
        return "\n".join([f"{self._separator} ".join([*([line] if line else []), *new]), *more])

    def _free(self, folder: Path, stem: str, word: str) -> str:
        """A stem that no file in the folder has, whatever its ending."""
        if folder not in self._taken:
            names = os.listdir(folder) if folder.is_dir() else []
            self._taken[folder] = {_compared(os.path.splitext(name)[0]) for name in names}
        taken = self._taken[folder]
        found = next(name for n in count(1) if _compared(name := f"{stem}-{word}{n}") not in taken)
        taken.add(_compared(found))
        return found


def _compared(stem: str) -> str:
    return composed(stem).casefold()


def _caption_ending(entry: Entry) -> str:
    """As the original's caption file ends behind the picture's name."""
    if entry.caption_file is None:
        return ".txt"
    return entry.caption_file.name[len(entry.path.stem) :] or ".txt"


def _why(error: TrainToolsError) -> str:
    if isinstance(error, PictureError):
        return error.why
    if isinstance(error, ConfigError):
        return error.problems[0].remedy
    return reason(error)
