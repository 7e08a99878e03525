"""The pictures that something is done with: those of a version's settings, or of a folder that was named."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

from lib_train.app.choosing import Choosing
from lib_train.app.examinations import NO_LIMITS, Examinations, Limits, case_of
from lib_train.app.folders import Permitted, edited_folders, with_own_folders
from lib_train.app.gallery import Gallery
from lib_train.app.versions import Versions
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, DatasetError, Problem
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.doctor.case import Case, Finding
from lib_train.pictures.entry import Entry
from lib_train.pictures.folders import Folders
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from lib_train.pictures.reach import Reach
from lib_train.pictures.tag_line import Shape
from lib_train.store.projects import Version
from lib_train.texts import say

_MEASURED = re.compile(r"\b(width|height|sharpness|problem|bucket|is)\s*:", re.IGNORECASE)
"""Terms of a filter that need pictures to have been looked at."""
IS_A_SET = say("is itself a folder of pictures: name the folder that it lies in, so that others beside it count")
_TOKENS = re.compile(r"\btokens\s*:", re.IGNORECASE)


@dataclass(frozen=True)
class PictureSet:
    """Pictures with their captions, where their edits are noted, and what is known of them."""

    dataset: DatasetConfig
    catalog: Catalog
    root: Path | None = None
    """Where nobody may choose folders: what links lead to must lie below it, or it is as if it were not there."""
    limits: Limits = NO_LIMITS
    examinations: Examinations = field(default_factory=Examinations)
    """Remember what was found wrong."""

    @property
    def places(self) -> Places:
        """Where things beside the pictures lie."""
        return self.catalog.places

    @property
    def shape(self) -> Shape:
        """How captions are taken apart."""
        return Shape.of(self.dataset)

    def home_of(self, is_reg: bool) -> Path:
        """The folder, there or not, that holds the ``<repeats>_<name>`` folders of a kind and that a run looks into.

        Raises:
            ConfigError: nobody names one, or it is such a folder itself.
        """
        setting = "reg_data_dir" if is_reg else "train_data_dir"
        named: Sequence[str] = getattr(self.dataset, setting)
        if any(os.path.samefile(one.folder, named[0]) for one in Folders(setting, named[:1]).subsets):
            raise ConfigError([Problem(setting, named[0], IS_A_SET)])
        if named:
            return Path(named[0])
        own, data = Places.of_version(self.places.base), self.places.base / "dataset"
        trained = [Path(folder).parent for folder in self.dataset.train_data_dir]
        if own != replace(self.places, cache=own.cache) or any(not _is_same(folder, data) for folder in trained):
            raise ConfigError([Problem(setting, (), say("name a folder for the regularisation pictures"))])
        return data / ("reg" if is_reg else "train")

    def journal(self) -> Journal:
        """The edits of these pictures."""
        return Journal(self.places, edited_folders(self.dataset, follows_links=self.root is None))

    def entries(self) -> tuple[Entry, ...]:
        """All pictures, those taken out too, as they lie there now. Opens none of them."""
        entries = self.catalog.stock(self.dataset).entries
        if self.root is None:
            return entries
        reach = Reach([self.root])
        return tuple(one for one in entries if all(map(reach.has_file, filter(None, (one.path, one.caption_file)))))

    def chosen(self, filter: str = "", ids: Collection[int] | None = None) -> list[Entry]:
        """The pictures that a filter means, and of these, where ids are given, the ones that have them.

        What a filter asks for is measured first, so that no picture is missed because nobody has looked at it yet.

        Raises:
            SelectionError: the filter cannot be read.
            DatasetError: an id is no picture's; or the filter asks for tokens, and some are not counted.
        """
        if _MEASURED.search(filter):
            self.catalog.measure(self.dataset)
        entries = self.entries()
        if _TOKENS.search(filter) and (count := sum(one.tokens is None for one in entries)):
            raise DatasetError(
                say("filter = {filter}: the tokens of {count} captions are not counted yet; wait until the tab has "
                    "listed them, or filter otherwise", filter=filter, count=count)
            )  # fmt: skip
        return Choosing(entries, self.dataset, lambda: self._found(entries), self.places).chosen(filter, ids)

    def case(self, entries: Sequence[Entry]) -> Case:
        """What the doctor is told of these pictures."""
        return case_of(entries, self.dataset, self.places, self.limits)

    def findings(self, *, recent: bool = False) -> list[Finding]:
        """What is wrong with the pictures, the worst first. What was not measured yet is not known to be wrong.

        Args:
            recent: whether what was known last is enough, so that the folders are not looked at.
        """
        return self._found(self.catalog.recent(self.dataset).entries if recent else self.entries())

    def _found(self, entries: Sequence[Entry]) -> list[Finding]:
        return self.examinations.findings(self.places.base, self.case(entries))


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


class PictureSets:
    """Those of all versions below one root."""

    def __init__(self, gallery: Gallery, versions: Versions, permitted: Permitted) -> None:
        self._gallery, self._versions, self._permitted = gallery, versions, permitted
        self.identity = versions.identity

    def of(self, project: str, version: str) -> PictureSet:
        """The pictures that a version's kept settings train on; its own where they name no folder.

        Raises:
            ProjectError: there is no such version.
            ConfigError: the host lets nobody choose folders, and one is named that lies outside of the root; or
                captions would end in what may not be written.
        """
        self._versions.existing(project, version)
        place = self._gallery.place(project, version)
        self._permitted.require_endings(RunConfig(dataset=place.dataset))
        root = None if self._gallery.host.folders_may_be_chosen() else self._versions.root
        return PictureSet(place.dataset, place.catalog, root, place.limits, self._gallery.examinations)


def set_of_folder(folder: Path, config: RunConfig, writes: bool = True) -> PictureSet:
    """The pictures of a folder that holds ``<repeats>_<name>`` folders, or is one.

    Args:
        writes: whether something may be written there; else what is learnt of pictures is forgotten, unless there is
            a place for it already.

    Raises:
        ConfigError: it is no folder.
    """
    if not os.path.isdir(folder):  # so it is also for names that no file system takes
        raise ConfigError([Problem("train_data_dir", str(folder), say("is no folder; check the path"))])
    places = Places.of_folder(folder)
    if writes or places.cache.is_dir():
        return PictureSet(config.dataset, Catalog(places))
    scratch = mkdtemp(prefix="train-tools-")
    pictures = PictureSet(config.dataset, Catalog(replace(places, cache=Path(scratch))))
    finalize(pictures, rmtree, scratch, ignore_errors=True)
    return pictures


def set_of_version(version: Version, config: RunConfig) -> PictureSet:
    """The pictures that settings train on in a version; its own where they name no folder."""
    dataset = with_own_folders(config, version).dataset
    return PictureSet(dataset, Catalog(Places.of_version(version.folder)))
