"""Parts of a project that go into an archive: its pictures, what settings name outside of it, and runs with a state."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lib_train.checkpoints.resume import FACTS, TENSORS, latest_state, with_other_facts
from lib_train.config.codec import to_json
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, HostBusyError, Problem
from lib_train.names import is_picture, out_of_sight
from lib_train.pictures.folders import Folders
from lib_train.pictures.places import Places
from lib_train.pictures.shelves import slots_of
from lib_train.store.json_files import as_json
from lib_train.store.pack_files import Item
from lib_train.store.pack_places import FILES, FOLDERS, Change, last_part, with_paths
from lib_train.store.packs import GIVEN, MARK
from lib_train.store.projects import Version
from lib_train.store.runs import Run, runs_of
from lib_train.store.tensorboard import event_files
from lib_train.texts import say
from lib_train.vocabulary import CAPTIONS

_OWN = ("train", "processed", "reg", "masks")
"""Folders of a version's dataset that are trained on; what was taken out or converted stays at home."""


_LOGS = ("pictures.jsonl", "events.jsonl", "metrics.csv")


def own_pictures(version: Version, endings: Sequence[str]) -> Iterator[Path]:
    """Pictures, captions and masks in the version's own folders, without links and hidden files.

    Args:
        endings: of caption files, beside ``CAPTIONS``.
    """
    captions = tuple(one.lower() for one in (*CAPTIONS, *endings))
    for name in _OWN:
        for path in _files_below(version.inside("dataset", name)):
            if is_picture(path.name) or path.name.lower().endswith(captions):
                yield path


def _files_below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not out_of_sight(name))
        paths = (Path(place, name) for name in sorted(names) if not out_of_sight(name))
        yield from (path for path in paths if not path.is_symlink())


class Outside:
    """What settings name: folders of pictures and LoRA files, taken along under names of the archive.

    Args:
        project: the project's folder.
        add: takes what goes into the archive.
    """

    def __init__(self, project: Path, add: Callable[[Item], None]) -> None:
        self._project, self._add = project, add
        self._places: dict[tuple[str, str], str] = {}
        self._numbers: dict[Path, str] = {}

    def of(self, config: RunConfig) -> Change:
        """What makes places of the archive of the paths in these settings, and takes along what lies there."""

        def change(key: str, path: str) -> str:
            if key not in (*FOLDERS, *FILES):
                return last_part(path)
            known = key, os.path.abspath(path)
            if known not in self._places:
                self._places[known] = self._taken(key, path, config)
            return self._places[known]

        return change

    def _taken(self, key: str, path: str, config: RunConfig) -> str:
        place = Path(path)
        if not (place.is_file() if key in FILES else place.is_dir()):
            remedy = say("is missing, and cannot be packed; put it back, or empty the setting")
            raise ConfigError([Problem(key, path, remedy)])
        folder = self._numbers.setdefault(place.resolve(), f"{GIVEN}/{len(self._numbers) + 1}")
        target = f"{folder}/{Path(os.path.abspath(path)).name or 'folder'}"
        if key in FILES:
            beside = place.with_name("adapter_config.json")
            for one in (place, *([beside] if place.name == "adapter_model.safetensors" and beside.is_file() else [])):
                self._add(Item(f"{folder}/{one.name}", one))
            return MARK + target
        for one in trained_in(key, path, config.dataset.caption_extension):
            self._add(Item(f"{target}/{one.relative_to(place).as_posix()}", one))
        return f"{MARK}{target}"


class NamedFolder(NamedTuple):
    """A folder of pictures that a setting names."""

    setting: str
    path: Path
    endings: Sequence[str]
    """Of caption files."""


def folders_named(versions: Iterable[Version]) -> list[NamedFolder]:
    """The folders of pictures that settings of versions name, in the order in which ``Outside`` takes them."""
    found: dict[Path, NamedFolder] = {}
    for version in versions:
        config = version.kept().config

        def note(key: str, path: str, endings: Sequence[str] = config.dataset.caption_extension) -> str:
            if key in FOLDERS:
                found.setdefault(Path(path).resolve(), NamedFolder(key, Path(os.path.abspath(path)), endings))
            return path

        with_paths(to_json(config), note)
    return [*found.values()]


def trained_in(key: str, folder: str, endings: Sequence[str]) -> Iterator[Path]:
    """Pictures, captions and masks of a folder that a setting names."""
    for subset in Folders(key, (folder,), plain=key == "validation_data_dir").subsets:
        for slot in slots_of(subset, endings):
            yield slot.path
            if slot.caption:
                yield slot.caption
    yield from (path for path in _files_below(Places.of_folder(Path(folder)).masks) if is_picture(path.name))


def resumable(version: Version) -> list[Run]:
    """Runs that ended early and left a whole state.

    Raises:
        HostBusyError: one is trained now.
    """
    found = [run for run in runs_of(version) if run.can_resume() and latest_state(run.state_folder)]
    for run in found:
        if holder := run.holder():
            raise HostBusyError(
                say("{run} is trained now by {holder}: stop it first, or pack without runs", run=run.name,
                    holder=holder)
            )  # fmt: skip
    return found


def files_of(run: Run, change: Change, *, with_state: bool = True) -> Iterator[Item]:
    """A run's files as they go into an archive.

    Args:
        change: makes places of the archive of paths.
        with_state: whether its newest whole state is among them.
    """
    place, state = f"versions/{run.version.name}/runs/{run.name}", latest_state(run.state_folder)
    yield Item(f"{place}/run.json", as_json(with_paths(run.settings(), change)))
    for path in (*(run.folder / name for name in _LOGS), *event_files(run.folder)):
        if path.is_file():
            yield Item(f"{place}/{path.name}", path)
    if state and with_state:
        yield Item(f"{place}/state/{state.name}/{TENSORS}", state / TENSORS)
        facts = with_other_facts(state, lambda facts: dict(with_paths(facts, change)))
        yield Item(f"{place}/state/{state.name}/{FACTS}", facts)
