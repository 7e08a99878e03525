"""Which folders are trained on and how often: kohya's ``<repeats>_<name>``. Looks at names, opens no file."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib_train.dataset.images import SUFFIXES
from lib_train.errors import Problem

_COUNTED = re.compile(r"([+-]?\d+)_(.*)", re.DOTALL)
_MOST_REPEATS = 10_000
_MANY_REPEATS = 1000
_NOT_READ = (".gif", ".tif", ".tiff", ".jfif", ".jxl", ".heic", ".heif", ".psd", ".svg")


@dataclass(frozen=True)
class Subset:
    """One folder of pictures."""

    folder: Path
    repeats: int
    name: str
    """What stands behind the repeats: the caption of pictures that have none."""
    title: str
    """The folder's whole name."""
    files: tuple[Path, ...]
    """Everything in it but folders and hidden files, sorted."""

    @property
    def pictures(self) -> list[Path]:
        """Its picture files."""
        return [file for file in self.files if _is_picture(file)]


class Folders:
    """The subsets of one setting's folders, with what cannot be used and what is worth knowing.

    The counted folders inside a named one are its subsets, when they hold pictures. A named folder that is itself
    counted and holds no such folders is one subset.
    """

    def __init__(self, setting: str, named: Sequence[str]) -> None:
        self._setting = setting
        self.subsets: list[Subset] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        for folder in named:
            try:
                self._add_named(Path(folder))
            except (OSError, ValueError) as error:  # no permission, a name too long, a zero byte
                reason = getattr(error, "strerror", None) or error
                self._refuse(folder, f"cannot be read ({reason}); check the path and its permissions")

    def _add_named(self, folder: Path) -> None:
        if not folder.is_dir():
            self._refuse(folder, "is no folder; check the path")
            return
        here = _Listing(folder)
        inner = [listing for path in here.folders if (listing := self._listing(path))]
        has_subsets = any(one.repeats > 0 and one.pictures for one in inner)
        if here.repeats > 0 and here.pictures and not has_subsets:
            self._add(here)
            return
        for one in inner:
            self._add_inner(one)
        if here.pictures and has_subsets:
            some = _some([file.name for file in here.pictures])
            self.notes.append(f"{folder}: pictures beside its <repeats>_<name> folders are left out: {some}")
        elif here.pictures:
            self._refuse(folder, f"{len(here.pictures)} pictures lie beside the folders: put them into a folder such "
                                 f"as 10_{here.title}")  # fmt: skip

    def _add_inner(self, inner: "_Listing") -> None:
        if inner.repeats > 0:
            self._add(inner)
        elif inner.is_counted and inner.pictures:
            count = len(inner.pictures)
            self.notes.append(f"{inner.folder}: {inner.repeats} repeats: its pictures are left out ({count})")
        elif inner.pictures:
            self._refuse(inner.folder, f"holds pictures but no repeats: rename it to 10_{inner.title}")
        elif any(_COUNTED.fullmatch(deeper.name) for deeper in inner.folders):
            self._refuse(inner.folder, "holds <repeats>_<name> folders: name this folder itself to train on them")

    def _add(self, found: "_Listing") -> None:
        folder, repeats = found.folder, found.repeats
        unread = sorted({file.suffix.lower() for file in found.files} & set(_NOT_READ))
        if unread:
            self.notes.append(f"{folder}: {', '.join(unread)} files are left out; convert them to PNG to use them")
        deep = [one.title for path in found.folders if (one := self._listing(path)) and one.pictures]
        if deep:
            self.notes.append(f"{folder}: pictures in folders inside it are left out: {_some(deep)}")
        if not found.pictures:
            return
        if any(folder.samefile(other.folder) for other in self.subsets):
            self.notes.append(f"{folder}: is named twice and counts once")
        elif repeats > _MOST_REPEATS:
            self._refuse(folder, f"its name asks for {repeats} repeats of each picture, at most {_MOST_REPEATS} are "
                                 f"possible: rename it to 10_{found.name}")  # fmt: skip
        else:
            if repeats >= _MANY_REPEATS:
                self.notes.append(f"{folder}: its name asks for {repeats} repeats of each picture; "
                                  "rename it if the number is a year")  # fmt: skip
            self.subsets.append(Subset(folder, repeats, found.name, found.title, tuple(found.files)))

    def _listing(self, folder: Path) -> "_Listing | None":
        try:
            return _Listing(folder)
        except OSError as error:
            self._refuse(folder, f"cannot be read ({error.strerror}); check its permissions")
            return None

    def _refuse(self, folder: Path | str, remedy: str) -> None:
        self.problems.append(Problem(self._setting, str(folder), remedy))


class _Listing:
    """A folder's name taken apart, its files and folders; sorted, hidden ones left out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        as_given = os.path.basename(os.path.abspath(folder))  # also of "." and of a link
        self.title = as_given.encode(errors="surrogateescape").decode(errors="replace")
        match = _COUNTED.fullmatch(self.title)
        self.is_counted = match is not None
        self.repeats, self.name = (int(match[1]), match[2]) if match else (0, "")
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        self.folders = [path for path in found if path.is_dir()]
        self.files = [path for path in found if path.is_file() or (path.is_symlink() and not path.exists())]

    @property
    def pictures(self) -> list[Path]:
        return [file for file in self.files if _is_picture(file)]


def _is_picture(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
