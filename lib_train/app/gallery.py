"""The pictures of a version, for a page that shows and captions them."""

import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from lib_train.app.answers import answer_entry, answer_picture
from lib_train.app.catalogs import Catalogs
from lib_train.app.choosing import Choosing, Loss
from lib_train.app.examinations import Limits, case_of
from lib_train.app.fits import dataset_on
from lib_train.app.folders import Permitted, edited_folders, with_own_folders
from lib_train.app.versions import Versions
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.error_json import problems_json
from lib_train.errors import CaptionChanged, DatasetError, FileError, ProjectError
from lib_train.host.protocol import Host
from lib_train.names import composed
from lib_train.pictures.bare import bare_in
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.caption_batch import write_noted
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.entry import Entry
from lib_train.pictures.images import open_picture
from lib_train.pictures.journal import Journal
from lib_train.pictures.masks import with_masks
from lib_train.pictures.notes import notes_on_one
from lib_train.pictures.readings import is_prose
from lib_train.pictures.sidecars import tidied
from lib_train.pictures.stock import Part, Stock
from lib_train.store.picture_losses import picture_losses
from lib_train.store.projects import Version
from lib_train.store.runs import runs_of
from lib_train.texts import say, with_texts

_AT_ONCE = 24
"""Pictures that are measured before a list is answered: of small sets everything is known at once."""


class Place(NamedTuple):
    """A version's pictures, as somebody asks for them."""

    version: Version
    dataset: DatasetConfig
    """As the run takes it, where there is a model to take it."""
    catalog: Catalog
    limits: Limits

    def stock(self) -> Stock:
        """What lies there now; nothing where the settings name no folder."""
        return self.catalog.stock(self.dataset)


class Gallery:
    """Lists the pictures that a version's settings train on, and writes their captions."""

    def __init__(self, host: Host, versions: Versions, permitted: Permitted, catalogs: Catalogs) -> None:
        self.host, self.root, self._versions, self._permitted = host, versions.root, versions, permitted
        self._catalogs, self.examinations = catalogs, catalogs.examinations
        self._writing = threading.Lock()

    def place(self, project: str, version: str) -> Place:
        """Where the pictures of the version's kept settings lie.

        Raises:
            TrainToolsError: its settings cannot be read, or they name folders that may not be read here.
        """
        there = self._versions.named(project, version)
        config = there.kept().config
        self._permitted.require_folders(config)
        return self.pictures_of(there, with_own_folders(config, there))

    def pictures_of(self, there: Version, config: RunConfig) -> Place:
        """Where the pictures of a version with these settings lie, whose folders are known to be permitted."""
        return Place(there, dataset_on(self.host, config), self._catalogs.of(there), self._catalogs.limits(config))

    def listed(
        self,
        project: str,
        version: str,
        offset: int = 0,
        limit: int | None = None,
        filter: str = "",
        sort: str = "",
        ids: Collection[int] | None = None,
        left_out: bool = False,
        all_ids: bool = False,
    ) -> dict[str, Any]:
        """A part of the pictures, with their captions; how many there are, and what is wrong with some.

        Args:
            limit: None is all behind ``offset``.
            filter, ids: see ``Choosing.chosen``.
            sort: see ``Choosing.ordered``.
            left_out: whether those are listed too that were taken out by hand.
            all_ids: whether the ids of all that are meant are told, in their order.

        Raises:
            TrainToolsError: as ``place``; or there is no such order, or the filter cannot be read.
        """
        place = self.place(project, version)
        stock = place.stock()
        if 0 < len(stock.parts) - stock.measured <= _AT_ONCE:
            stock = place.catalog.measure(place.dataset)
        places = place.catalog.places
        case = case_of(stock.entries, place.dataset, places, place.limits)
        choosing = Choosing(stock.entries, place.dataset, lambda: self.examinations.findings(places.base, case), places)
        chosen = [entry for entry in choosing.chosen(filter, ids) if left_out or not entry.left_out]
        loss = self._losses(place.version) if sort.removeprefix("-") == "loss" else _unknown
        ordered = choosing.ordered(chosen, sort, loss)
        shown = ordered[offset : None if limit is None else offset + limit]
        masked = with_masks(shown, places)
        self._catalogs.fill(place.version, place.dataset, [entry.id for entry in shown])
        return {
            "total": len(chosen),
            "ids": [entry.id for entry in ordered] if all_ids else [],
            "counts": _counts(stock),
            "bare": asdict(bare_in(stock.entries, place.dataset.caption_separator.strip())),
            "pictures": [answer_entry(entry) | {"loss": loss(entry), "masked": entry.id in masked} for entry in shown],
            "problems": problems_json(stock.problems, self.root),
        }

    def image(self, project: str, version: str, number: int, side: int) -> bytes:
        """A picture as it is trained, as a WebP file of at most ``side`` pixels.

        Raises:
            TrainToolsError: there is no such picture, it may not be shown here, or cannot be.
        """
        place = self.place(project, version)
        return place.catalog.thumbnail(place.dataset, self._part(place, number), side)

    @staticmethod
    def thumbnail(path: str, side: int) -> Image.Image:
        """A picture file as it is trained, of at least twice ``side`` pixels where it has as many.

        Raises:
            DatasetError: the file is damaged or no picture; says why.
        """
        return open_picture(Path(path), least=2 * side)

    def details(self, project: str, version: str, number: int) -> dict[str, Any]:
        """Everything about one picture, its whole caption too.

        Raises:
            TrainToolsError: there is no such picture, or it may not be shown here.
        """
        place = self.place(project, version)
        return self._details(place, self._part(place, number, whole=True))

    def keep_caption(self, project: str, version: str, number: int, replaces: str, caption: str) -> dict[str, Any]:
        """Write a picture's caption, whole or not at all; answers as ``details``.

        Args:
            replaces: the caption that the writer saw.

        Raises:
            CaptionChanged: the file holds another one meanwhile; it is left as it is.
            TrainToolsError: see ``details``, or the file cannot be written.
        """
        place = self.place(project, version)
        self._permitted.require_endings(RunConfig(dataset=place.dataset))
        with self._writing:
            part = self._part(place, number)
            file, present = self._caption(part, place.dataset)
            if present not in (tidied(replaces), tidied(caption)):
                raise CaptionChanged(file.name, present)
            if present != tidied(caption):
                follows = self.host.folders_may_be_chosen()
                journal = Journal(place.catalog.places, edited_folders(place.dataset, follows_links=follows))
                write_noted(journal, file, present, caption)
        return self._details(place, self._part(place, number, whole=True))

    def _losses(self, version: Version) -> Loss:
        """What finds a picture's loss in the last run that tells of its pictures."""
        known = next((found for run in reversed(runs_of(version)) if (found := picture_losses(run))), {})
        return lambda entry: known.get((entry.folder, composed(entry.path.name), entry.is_reg))

    def _details(self, place: Place, part: Part) -> dict[str, Any]:
        entry, dataset = part.entry, place.dataset
        file, caption = self._caption(part, dataset)
        found, problems = part.checked
        if found is None:
            raise DatasetError(problems[0].remedy)
        fit = Bucketing(dataset).fit(entry.width, entry.height)
        shared = place.catalog.recent(dataset).stems[found.stem] > 1
        prose = is_prose(caption.partition("\n")[0], dataset.caption_separator.strip())
        words = {"caption": caption, "caption_file": file.name, "prose": prose,
                 "notes": notes_on_one(found, fit, shared, dataset)}  # fmt: skip
        return {**answer_entry(entry), "masked": entry.id in with_masks([entry], place.catalog.places),
                **answer_picture(fit, cropped_by_chance=dataset.random_crop), **with_texts(words)}  # fmt: skip

    def _part(self, place: Place, number: int, *, whole: bool = False) -> Part:
        catalog, dataset = place.catalog, place.dataset
        part = catalog.known(dataset, number) if whole else catalog.part(dataset, number)
        if part is None:
            raise ProjectError(
                say("picture {number}: there is none of this number any more; reload the list of pictures",
                    number=number)
            )  # fmt: skip
        self._require_reachable(part.slot.path)
        return part

    def _caption(self, part: Part, dataset: DatasetConfig) -> tuple[Path, str]:
        """Where the caption lies, or would lie, and what it is now.

        Raises:
            DatasetError: it cannot be read.
        """
        path, words = part.slot.path, part.words
        if part.slot.caption is None or words is None:
            endings = dataset.caption_extension
            return path.with_name(path.stem + (".txt" if ".txt" in endings else endings[0])), tidied(part.slot.name)
        self._require_reachable(part.slot.caption)
        if words.problem:
            raise DatasetError(words.problem)
        return part.slot.caption, words.text

    def _require_reachable(self, path: Path) -> None:
        """A link may lead anywhere."""
        if self.host.folders_may_be_chosen() or path.resolve().is_relative_to(self.root.resolve()):
            return
        raise FileError(say("{name}: is a link out of the output folder; put the file itself there", name=path.name))


def _unknown(entry: Entry) -> float | None:
    return None


def _counts(stock: Stock) -> dict[str, int]:
    present = [entry for entry in stock.entries if not entry.left_out]
    usable = Counter(entry.is_reg for entry in present if not entry.problem and not entry.caption_problem)
    return {
        "training": usable[False],
        "regularisation": usable[True],
        "unusable": len(present) - usable.total(),
        "left_out": len(stock.entries) - len(present),
        "measured": stock.measured,
        "files": len(stock.entries),
    }
