"""Pictures moved with their captions, as steps of an edit: taken out by hand, put back, into another folder.

They lie in ``places.left_out/<folder>``, those of the class in ``left_out/reg/<folder>``. Of several folders of one
name, the later ones' lie in ``left_out/2/<folder>`` and so on.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.names import child, composed, is_picture
from lib_train.pictures.changes import Change, Link, Move, Step, content_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.masks import mask_path
from lib_train.pictures.places import Places

_REG = "reg"


def steps_out(chosen: Iterable[Entry], dataset: DatasetConfig, places: Places) -> list[Step]:
    """What takes pictures out; those that are out already need nothing.

    A name that is taken there gets a number. A caption that other pictures of its name still need is copied.

    Raises:
        OSError: a folder or a caption cannot be read.
    """
    moving = _Moving(dataset, places)
    for entry in chosen:
        if not entry.left_out:
            moving.add(entry, _out(entry, dataset, places))
    return moving.steps()


def steps_back(chosen: Iterable[Entry], dataset: DatasetConfig, places: Places) -> list[Step]:
    """What puts pictures back into the folders that they came from, or new ones of their names.

    Raises:
        OSError: a folder or a caption cannot be read.
    """
    moving = _Moving(dataset, places)
    for entry in chosen:
        if entry.left_out:
            moving.add(entry, _home(entry, dataset, places))
    return moving.steps()


def steps_into(
    chosen: Iterable[Entry],
    title: str,
    dataset: DatasetConfig,
    places: Places,
    kind: tuple[bool, Path] | None = None,
) -> list[Step]:
    """What moves pictures into the folder of this name beside the one that they lie in; a new one where there is none.

    Args:
        kind: whether the folder is one of regularisation pictures, and where it lies for pictures of the other kind;
            None leaves each of the kind that it is of.

    Raises:
        OSError: as ``steps_out``.
    """
    moving = _Moving(dataset, places)
    for entry in chosen:
        if entry.left_out:
            continue
        if kind and kind[0] != entry.is_reg:
            moving.add(entry, child(kind[1], title), kind[0])
        elif entry.folder != title:
            moving.add(entry, child(entry.path.parent.parent, title))
    return moving.steps()


def _out(entry: Entry, dataset: DatasetConfig, places: Places) -> Path:
    folders = _of_name(entry.folder, dataset.reg_data_dir if entry.is_reg else dataset.train_data_dir)
    here = os.path.realpath(entry.path.parent)
    number = next((n for n, folder in enumerate(folders, start=1) if os.path.realpath(folder) == here), 1)
    kind = places.left_out / _REG if entry.is_reg else places.left_out
    return (kind / str(number) if number > 1 else kind) / entry.folder


def _home(entry: Entry, dataset: DatasetConfig, places: Places) -> Path:
    named = dataset.reg_data_dir if entry.is_reg else dataset.train_data_dir
    folders = _of_name(entry.folder, named)
    *_, number = (
        "1",
        *(part for part in entry.path.parent.relative_to(places.left_out).parts[:-1] if part.isdecimal()),
    )
    if folders:
        return folders[min(int(number), len(folders)) - 1]
    if not named:  # settings that name no folder mean the version's own
        return places.left_out.parent / (_REG if entry.is_reg else "train") / entry.folder
    first = Path(named[0])
    return first if _holds_pictures(first) else first / entry.folder


def _of_name(title: str, named: Sequence[str]) -> list[Path]:
    """Folders of pictures that have this name, with the settings' folders in their order."""
    found = []
    for folder in map(Path, named):
        own = composed(os.path.basename(os.path.abspath(folder))) == title
        inner = child(folder, title)
        found += [path for path in ([inner] if inner.is_dir() else [folder] if own else []) if path.is_dir()]
    return found


def _holds_pictures(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(is_picture(entry.name) for entry in entries)


class _Moving:
    """Pictures on their way. Those of one name in one folder go together, for they share a caption and a mask."""

    def __init__(self, dataset: DatasetConfig, places: Places) -> None:
        self._endings, self._places = dataset.caption_extension, places
        self._groups: dict[tuple[Path, str, Path, bool], list[Entry]] = defaultdict(list)
        self._names: dict[Path, list[str]] = {}
        self._taken: dict[Path, set[str]] = {}
        self._masks: set[Path] = set()

    def add(self, entry: Entry, target: Path, is_reg: bool | None = None) -> None:
        """A picture that shall lie in the folder ``target``, of the kind that it is of or of the other one."""
        kind = entry.is_reg if is_reg is None else is_reg
        self._groups[entry.path.parent, composed(entry.path.stem), target, kind].append(entry)

    def steps(self) -> list[Step]:
        """The steps, in the order in which the pictures came."""
        return [step for group in self._groups.items() for step in self._of_group(*group)]

    def _of_group(self, group: tuple[Path, str, Path, bool], entries: list[Entry]) -> list[Step]:
        folder, stem, target, is_reg = group
        pictures = [entry.path for entry in entries]
        going = {picture.name for picture in pictures}
        beside = [name for name in self._in(folder) if composed(self._stem(name)) == stem and name not in going]
        captions = [name for name in beside if not is_picture(name)]
        shared = len(captions) < len(beside)  # another picture of this name stays
        number = self._free(target, stem)
        steps = [_moved(picture, target / f"{picture.stem}{number}{picture.suffix}") for picture in pictures]
        for name in captions:
            path, there = folder / name, target / f"{self._stem(name)}{number}{name[len(self._stem(name)) :]}"
            steps.append([Change(there, None, path.read_bytes())] if shared else _moved(path, there))
        steps.append(self._mask(entries[0], target, is_reg, number, shared))
        return [step for some in steps for step in some]

    def _mask(self, entry: Entry, target: Path, is_reg: bool, number: str, shared: bool) -> list[Step]:
        """The picture's mask follows its name and its folder's."""
        stem, title = entry.path.stem, composed(target.name)
        old = mask_path(self._places, entry.folder, entry.is_reg, stem)
        new = mask_path(self._places, title, is_reg, f"{stem}{number}")
        if old == new or new in self._masks or not old.is_file() or os.path.lexists(new):
            return []
        shared = shared or old in self._masks  # pictures of one name in folders of one name have one mask
        self._masks |= {old, new}
        return [Change(new, None, old.read_bytes())] if shared else [Move(old, new)]

    def _in(self, folder: Path) -> list[str]:
        """Names of the pictures and captions in a folder."""
        if folder not in self._names:
            names = sorted(os.listdir(folder)) if folder.is_dir() else []
            self._names[folder] = [name for name in names if is_picture(name) or self._ending(name)]
        return self._names[folder]

    def _ending(self, name: str) -> str:
        """With which a caption's name ends; empty for what is none."""
        fits = (ending for ending in self._endings if name.lower().endswith(ending.lower()))
        return name[-len(longest) :] if (longest := max(fits, key=len, default="")) else ""

    def _stem(self, name: str) -> str:
        return name.removesuffix(self._ending(name)) if not is_picture(name) else os.path.splitext(name)[0]

    def _free(self, folder: Path, stem: str) -> str:
        """What a stem needs behind it to be no picture's or caption's in a folder, whatever its ending: "-2", or ""."""
        if folder not in self._taken:
            self._taken[folder] = {_compared(self._stem(name)) for name in self._in(folder)}
        taken, stem, number, count = self._taken[folder], _compared(stem), "", 1
        while stem + number in taken:
            count += 1
            number = f"-{count}"
        taken.add(stem + number)
        return number


def _compared(stem: str) -> str:
    return composed(stem).casefold()


def _moved(source: Path, target: Path) -> list[Step]:
    """A relative link leads elsewhere from another folder, so it is written anew."""
    content = content_of(source) if source.is_symlink() else None
    if not isinstance(content, Link) or os.path.isabs(content.target):
        return [Move(source, target)]
    leads = os.path.join(os.path.abspath(source.parent), content.target)
    anew = Link(os.path.relpath(leads, os.path.abspath(target.parent)))
    return [Change(source, content, None), Change(target, None, anew)]
