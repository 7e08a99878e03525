"""Which folders are trained on and how often: kohya's ``<repeats>_<name>``. Looks at names, opens no file.

Pictures can be in a named folder and in the folders inside it, so nothing deeper is trained on, and nothing is looked
at deeper than one more level, which is told of.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from lib_train.errors import Problem, reason
from lib_train.names import composed, is_picture, left_behind
from lib_train.texts import say

_COUNTED = re.compile(r"([+-]?\d+)_(.*)", re.DOTALL)
_MISSPELT = re.compile(r"(\d+)(?:\s*[xX\u00d7]\s+|[\s\-.,+~\uff3f_]+)([^\W\d].*)", re.DOTALL)
"""Repeats and a name with something else between them than one underscore; a date is none of it."""
_MOST_REPEATS = 10_000
_MANY_REPEATS = 1000
_NOT_READ = (".gif", ".tif", ".tiff", ".jfif", ".jxl", ".heic", ".heif", ".psd", ".svg")
_PEEK = 1000
"""Entries of a folder without repeats that are looked at: enough to say what is wrong with it."""
Names = Mapping[str, bool | None]
"""Names in a folder, and whether each is a folder, or a file or a dead link; None for what is neither."""
_PEEKS = 100
"""Such folders that are looked into; a folder with more is a disk, a home or the like."""


@dataclass(frozen=True)
class Subset:
    """One folder of pictures."""

    folder: Path
    repeats: int
    name: str
    """The folder's name after the repeats: the caption of pictures that have none."""
    title: str
    """The folder's whole name."""
    files: tuple[Path, ...]
    """Everything in it but folders and hidden files, sorted."""

    @cached_property
    def pictures(self) -> list[Path]:
        """Its picture files."""
        return [file for file in self.files if is_picture(file.name)]


class Folders:
    """The subsets of one setting's folders, with what cannot be used and what is worth knowing.

    The counted folders inside a named one are its subsets, when they hold pictures. A named folder that is itself
    counted and holds no such folders is one subset.
    """

    def __init__(self, setting: str, named: Sequence[str], plain: bool = False) -> None:
        """``plain``: whether a named folder of pictures may do without repeats; they count once then."""
        self._setting, self._plain = setting, plain
        self.subsets: list[Subset] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.beside: list[tuple[Path, Sequence[Path]]] = []
        """Named folders that hold subsets, with the files beside those."""
        self._seen: list[tuple[Path, int | None, Names | None]] = []
        for folder in named:
            before = len(self.subsets), len(self.problems), len(self.notes)
            try:
                self._add_named(Path(folder))
            except (OSError, ValueError) as error:  # no permission, a name too long, a zero byte
                remedy = say("cannot be read ({why}); check the path and its permissions", why=reason(error))
                self._refuse(folder, remedy)
            if before == (len(self.subsets), len(self.problems), len(self.notes)):
                self.notes.append(
                    say(
                        "{folder}: no picture lies in <repeats>_<name> folders there, so none of it is used",
                        folder=folder,
                    )
                )

    def unchanged(self) -> bool:
        """Whether every folder that was looked at still holds the same names: 5 ms for 10,000."""
        return all(_names_or_none(folder, most) == names for folder, most, names in self._seen)

    def _add_named(self, folder: Path) -> None:
        if not os.path.isdir(folder):  # so it is also for names that no file system takes
            self._seen.append((folder, None, None))
            self._refuse(folder, say("is no folder; check the path"))
            return
        here = self._listed(folder)
        inner = self._inside(here)
        has_subsets = any(one.repeats > 0 and one.pictures for one in inner)
        if here.repeats > 0 and here.pictures and not has_subsets:
            self._add(here)
            return
        if has_subsets:
            self.beside.append((folder, here.files))
        for one in inner:
            self._add_inner(one)
        if here.pictures and has_subsets:
            some = _some([file.name for file in here.pictures])
            self.notes.append(
                say(
                    "{folder}: pictures beside its <repeats>_<name> folders are left out: {names}",
                    folder=folder,
                    names=some,
                )
            )
        elif here.pictures and self._plain and not here.is_counted:
            here.repeats, here.name = 1, here.title
            self._add(here)
        elif here.pictures:
            count, name = len(here.pictures), here.as_counted()
            if name.startswith("10_"):
                remedy = say("{count} pictures lie beside the folders: put them into a folder such as {name}",
                             count=count, name=name)  # fmt: skip
            else:
                remedy = say("{count} pictures lie beside the folders: rename it to {name}", count=count, name=name)
            self._refuse(folder, remedy)

    def _inside(self, outer: "_Listing") -> list["_Listing"]:
        """The folders in a folder: all that are counted, and the first of the others as far as they need."""
        counted = [path for path in outer.folders if _COUNTED.fullmatch(path.name)]
        others = [path for path in outer.folders if not _COUNTED.fullmatch(path.name)]
        if len(others) > _PEEKS:
            self.notes.append(
                say(
                    "{folder}: has {count} folders without repeats in their names; the first {peeks} were looked into",
                    folder=outer.folder,
                    count=len(others),
                    peeks=_PEEKS,
                )
            )
        listings = [self._listing(path) for path in counted] + [self._listing(path, _PEEK) for path in others[:_PEEKS]]
        return sorted((one for one in listings if one), key=lambda one: one.folder)

    def _add_inner(self, inner: "_Listing") -> None:
        if inner.repeats > 0:
            self._add(inner)
        elif inner.is_counted and inner.pictures:
            count = len(inner.pictures)
            self.notes.append(
                say(
                    "{folder}: {repeats} repeats: its pictures are left out ({count})",
                    folder=inner.folder,
                    repeats=inner.repeats,
                    count=count,
                )
            )
        elif inner.pictures:
            self._refuse(
                inner.folder, say("holds pictures but no repeats: rename it to {name}", name=inner.as_counted())
            )
        elif any(_COUNTED.fullmatch(deeper.name) for deeper in inner.folders):
            self._refuse(inner.folder, say("holds <repeats>_<name> folders: name this folder itself to train on them"))

    def _add(self, found: "_Listing") -> None:
        folder, repeats = found.folder, found.repeats
        unread = sorted({file.suffix.lower() for file in found.files} & set(_NOT_READ))
        if unread:
            self.notes.append(
                say(
                    "{folder}: {unread} files are left out; convert them to PNG to use them",
                    folder=folder,
                    unread=", ".join(unread),
                )
            )
        deep = [one.title for path in found.folders[:_PEEKS] if (one := self._listing(path, _PEEK)) and one.pictures]
        if deep:
            self.notes.append(
                say("{folder}: pictures in folders inside it are left out: {names}", folder=folder, names=_some(deep))
            )
        if not found.pictures:
            if not (unread or deep):
                self.notes.append(say("{folder}: holds no pictures, so it is not used", folder=folder))
            return
        if any(folder.samefile(other.folder) for other in self.subsets):
            self.notes.append(say("{folder}: is named twice and counts once", folder=folder))
        elif repeats > _MOST_REPEATS:
            self._refuse(
                folder,
                say(
                    "its name asks for {repeats} repeats of each picture, at most {most} are possible: "
                    "rename it to 10_{name}",
                    repeats=repeats,
                    most=_MOST_REPEATS,
                    name=found.name,
                ),
            )
        else:
            if repeats >= _MANY_REPEATS:
                self.notes.append(
                    say(
                        "{folder}: its name asks for {repeats} repeats of each picture; rename it if the "
                        "number is a year",
                        folder=folder,
                        repeats=repeats,
                    )
                )
            self.subsets.append(Subset(folder, repeats, found.name, found.title, tuple(found.files)))

    def _listed(self, folder: Path, most: int | None = None) -> "_Listing":
        names = _names_or_none(folder, most)
        self._seen.append((folder, most, names))
        return _Listing(folder, _names_in(folder, most) if names is None else names)

    def _listing(self, folder: Path, most: int | None = None) -> "_Listing | None":
        try:
            return self._listed(folder, most)
        except OSError as error:
            self._refuse(folder, say("cannot be read ({why}); check its permissions", why=reason(error)))
            return None

    def _refuse(self, folder: Path | str, remedy: str) -> None:
        self.problems.append(Problem(self._setting, str(folder), remedy))


class _Listing:
    """A folder's name taken apart, its files and folders; sorted, without what is left behind by programs."""

    def __init__(self, folder: Path, names: Names) -> None:
        self.folder = folder
        as_given = os.path.basename(os.path.abspath(folder))  # also of "." and of a link
        self.title = composed(as_given.encode(errors="surrogateescape").decode(errors="replace"))
        match = _COUNTED.fullmatch(self.title)
        self.is_counted = match is not None
        self.repeats, self.name = (int(match[1]), match[2]) if match else (0, "")
        seen = (name for name in names if not left_behind(name))
        ordered = sorted(seen, key=os.path.normcase)  # as paths compare, in a tenth of the time
        self.folders = [folder / name for name in ordered if names[name]]
        self.files = [folder / name for name in ordered if names[name] is False]

    @cached_property
    def pictures(self) -> list[Path]:
        return [file for file in self.files if is_picture(file.name)]

    def as_counted(self) -> str:
        """The name that this folder should have."""
        match = _MISSPELT.fullmatch(self.title)
        if match and 0 < int(match[1]) < _MANY_REPEATS:  # else a year
            return f"{int(match[1])}_{match[2]}"
        return f"10_{self.title}"


def _names_in(folder: Path, most: int | None) -> Names:
    """Names in a folder without what is hidden.

    Args:
        most: how many entries are looked at; None is all.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(folder) as entries:
        return {entry.name: _is_folder(entry) for entry in islice(entries, most) if entry.name[0] != "."}


def _names_or_none(folder: Path, most: int | None) -> Names | None:
    try:
        return _names_in(folder, most)
    except (OSError, ValueError):
        return None


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """Whether it is a folder, or a file or a dead link; None for what is neither, such as a socket."""
    try:
        if entry.is_file():
            return False
        return True if entry.is_dir() else False if entry.is_symlink() else None
    except OSError:  # a link in a circle
        return False


def _some(names: Sequence[str]) -> str:
    some, more = ", ".join(names[:3]), len(names) - 3
    return say("{names} and {count} more", names=some, count=more) if more > 0 else some
