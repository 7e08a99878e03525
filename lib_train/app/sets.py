"""Folders of pictures as sets: their shares of an epoch, pictures moved among them, and other names and repeats."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from lib_train.app.doctor import Treated, applied, moves
from lib_train.app.imports import default_folder
from lib_train.app.picture_sets import IS_A_SET, PictureSet, PictureSets
from lib_train.app.practice import answer_treated
from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.shares import shares_of
from lib_train.error_json import without_root
from lib_train.errors import ConfigError, DatasetError, Problem, reason
from lib_train.pictures.changes import Step
from lib_train.pictures.doctor.tagging import trigger_words
from lib_train.pictures.entry import Entry
from lib_train.pictures.places import Places
from lib_train.pictures.set_folders import steps_renamed
from lib_train.pictures.taking_out import steps_into
from lib_train.texts import say


def move(
    pictures: PictureSet, chosen: Iterable[Entry], title: str, reg: bool | None = None, *, dry_run: bool = False
) -> Treated:
    """Move pictures with their captions into another folder, such as ``10_mochi``, beside the one that they lie in.

    Args:
        reg: whether that folder holds regularisation pictures; None leaves each picture of the kind that it is of.

    Raises:
        TrainToolsError: as ``take_out``; or the settings name folders of pictures themselves, so that what lies beside
            them is not trained.
    """
    there = [entry for entry in chosen if not entry.left_out]
    others = {entry.id for entry in there if reg is not None and entry.is_reg != reg}
    meant = [entry for entry in there if entry.id in others or entry.folder != title]
    for entry in meant:
        if entry.id not in others:
            _require_named_above(pictures, entry)
    home = (reg, pictures.home_of(reg)) if reg is not None and others else None

    def plan(some: Iterable[Entry], dataset: DatasetConfig, places: Places) -> list[Step]:
        return steps_into(some, title, dataset, places, home)

    label = say("moved pictures to {folder}: {count}", folder=title, count=len(meant))
    return applied(pictures, label, moves(plan, pictures, meant), meant, dry_run)


def rename(pictures: PictureSet, folder: str, reg: bool, title: str, *, dry_run: bool = False) -> Treated:
    """Give a folder of pictures another name, and so other repeats; where there is one of that name, join the two.

    Raises:
        ConfigError: there is no such folder; or the settings name it themselves.
        TrainToolsError: as ``move``.
    """
    there = [entry for entry in pictures.entries() if not entry.left_out]
    meant = [entry for entry in there if (entry.folder, entry.is_reg) == (folder, reg)]
    if not meant:
        known = dict.fromkeys(entry.folder for entry in there if entry.is_reg == reg)
        remedy = say("there is no such set; choose one of {known}", known=", ".join(known))
        raise ConfigError([Problem("folder", folder, remedy)])
    if title == folder:
        return Treated(label="", files=())
    for entry in meant:
        _require_named_above(pictures, entry)
    folders = list(dict.fromkeys(entry.path.parent for entry in meant))
    try:
        steps = steps_renamed(folders, title, pictures.places, is_reg=reg)
    except OSError as error:
        raise DatasetError(
            say("{name}: cannot be read ({why}); check its permissions", name=error.filename, why=reason(error))
        ) from error
    if steps is None:
        return move(pictures, meant, title, dry_run=dry_run)
    return applied(pictures, say("renamed {folder} to {title}", folder=folder, title=title), steps, meant, dry_run)


def _require_named_above(pictures: PictureSet, entry: Entry) -> None:
    setting = "reg_data_dir" if entry.is_reg else "train_data_dir"
    here = os.path.realpath(entry.path.parent)
    if any(os.path.realpath(folder) == here for folder in getattr(pictures.dataset, setting)):
        raise ConfigError([Problem(setting, str(entry.path.parent), IS_A_SET)])


class Sets:
    """Of all versions below one root; answers as JSON values."""

    def __init__(self, sets: PictureSets, root: Path) -> None:
        self._sets, self._root = sets, root

    def shares(self, project: str, version: str) -> dict[str, Any]:
        """The version's sets with their trigger words and their parts of an epoch.

        Raises:
            TrainToolsError: there is no such version, its settings cannot be read, or they name folders that may not
                be read here.
        """
        return listed(self._sets.of(project, version), self._root)

    def move(
        self,
        project: str,
        version: str,
        place: tuple[str, int, bool | None],
        filter: str = "",
        ids: Collection[int] | None = None,
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Move pictures into a set; see ``move``.

        Args:
            place: its name, repeats, and whether it holds regularisation pictures.
        """
        pictures, (name, repeats, reg) = self._sets.of(project, version), place
        title = default_folder(name, repeats)
        return answer_treated(move(pictures, pictures.chosen(filter, ids), title, reg, dry_run=dry_run))

    def rename(
        self, project: str, version: str, folder: str, reg: bool, name: str, repeats: int, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Give a set another name or other repeats; see ``rename``."""
        title = default_folder(name, repeats)
        return answer_treated(rename(self._sets.of(project, version), folder, reg, title, dry_run=dry_run))


def listed(pictures: PictureSet, root: Path | None = None) -> dict[str, Any]:
    """The sets among some pictures, those of training first, as JSON values.

    Args:
        root: paths are told from there.
    """
    if not pictures.dataset.train_data_dir:
        return {"uses": 0, "sets": []}
    found = shares_of(pictures.catalog.scan(pictures.dataset).pictures)
    words = trigger_words(pictures.case(pictures.entries()))
    sets = [
        {
            "folder": one.title,
            "name": one.title.partition("_")[2],
            "path": without_root(str(one.folder), root),
            "reg": one.is_reg,
            "pictures": one.pictures,
            "repeats": one.repeats,
            "uses": one.uses,
            "share": round(one.share, 4),
            "trigger": "" if one.is_reg else words.get(one.title, ""),
        }
        for one in found
    ]
    return {"uses": sum(one.uses for one in found), "sets": sets}
