"""Loss masks of a set's pictures: read, painted, and made of transparency, boxes, files and what a detector finds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from lib_train.app.edits import answer_edit
from lib_train.app.picture_sets import PictureSet
from lib_train.app.works import Act, GoOn
from lib_train.errors import ConfigError, DatasetError, PictureError, Problem, ProjectError, reason
from lib_train.names import composed
from lib_train.pictures.changes import Change
from lib_train.pictures.crops import box_of, grown
from lib_train.pictures.detectors import by_onnx
from lib_train.pictures.entry import Entry
from lib_train.pictures.faces import CASCADES, Detector, by_cascade
from lib_train.pictures.images import open_layers
from lib_train.pictures.masks import (
    files_below,
    from_alpha,
    from_boxes,
    from_bytes,
    inverted,
    mask_of,
    mask_path,
    png_of,
    writing,
)
from lib_train.texts import joined, say

SOURCES = ("alpha", "box", "detector", "files", "invert", "none")
"""What masks can be made of; "none" takes them away."""
_Making = Callable[[Entry], Image.Image | None]
"""The mask of a picture; None takes it away."""


class Masks:
    """Of one set of pictures.

    Args:
        permitted: turns the path of a detector that somebody named into one that may be read.
    """

    def __init__(self, pictures: PictureSet, permitted: Callable[[str, str], Path]) -> None:
        self._pictures, self._permitted = pictures, permitted

    def png(self, id: int) -> bytes:
        """A picture's mask as a PNG file in the picture's size.

        Raises:
            ProjectError: the picture has none.
            TrainToolsError: there is no such picture, or the mask is damaged.
        """
        (entry,) = self._pictures.chosen(ids=[id])
        mask = mask_of(self._sized(entry), self._pictures.places)
        if mask is None:
            raise ProjectError(say("{name}: has no mask", name=entry.path.name))
        return png_of(mask)

    def paint(self, id: int, content: bytes) -> dict[str, Any]:
        """Write a picture's mask from a picture file that somebody painted, as an edit that can be undone.

        Raises:
            TrainToolsError: there is no such picture, or what is given is no mask of it.
        """
        (entry,) = self._pictures.chosen(ids=[id])
        self._require_own(entry, self._sharing())
        mask = from_bytes(content, open_layers(entry.path).size)
        return self._written([writing(entry, self._pictures.places, mask)])

    def make(self, *told: Any, **more: Any) -> dict[str, Any]:
        """Do at once what ``prepared`` does; returns the edit."""
        edit: dict[str, Any] = self.prepared(*told, **more)(lambda done, total: True)["edit"]
        return edit

    def prepared(
        self,
        source: str,
        filter: str = "",
        ids: Collection[int] | None = None,
        *,
        box: Sequence[float] = (),
        detector: str = "",
        margin: float = 0.1,
        folder: str = "",
    ) -> Act:
        """What writes the masks of some pictures, as one edit that can be undone, and returns what came of it.

        Args:
            source: one of ``SOURCES``.
            folder: holds mask files that are called as their pictures, itself or in folders called as theirs.
            margin: around what the detector finds, as a share of its sides.

        Raises:
            TrainToolsError: the source is none, or the filter cannot be read.
        """
        making = self._making(source, box, detector, margin, folder)
        chosen = [one for one in self._pictures.chosen(filter, ids) if not one.left_out]
        sharing = self._sharing() if source != "none" else {}
        return lambda go_on: self._run(making, chosen, sharing, go_on)

    def _run(
        self, making: _Making, chosen: Sequence[Entry], sharing: Mapping[Path, Sequence[Entry]], go_on: GoOn
    ) -> dict[str, Any]:
        steps: list[Change | None] = []
        refused: list[str] = []
        for done, entry in enumerate(chosen):
            if not go_on(done, len(chosen)):
                return {"refused": [], "cancelled": True, "edit": None}
            try:
                self._require_own(entry, sharing)
                steps.append(writing(entry, self._pictures.places, making(self._sized(entry))))
            except PictureError as error:
                refused.append(joined(": ", (entry.path.name, error.why)))
            except DatasetError as error:
                refused.append(joined(": ", (entry.path.name, error)))
        return {"refused": [], "cancelled": False, "edit": self._written(steps, refused)}

    def _making(self, source: str, box: Sequence[float], detector: str, margin: float, folder: str) -> _Making:
        if source == "box":
            where = box_of(box)
            return lambda entry: from_boxes((entry.width, entry.height), [where])
        if source == "detector":
            detect = by_cascade(detector) if detector in CASCADES else by_onnx(self._permitted("detector", detector))
            return lambda entry: _detected(entry, detect, margin)
        if source == "files":
            return partial(_of_file, files_below(self._permitted("folder", folder)))
        known: dict[str, _Making] = {
            "alpha": _of_alpha, "invert": self._inverted, "none": lambda entry: None,
        }  # fmt: skip
        if source not in known:
            raise ConfigError([Problem("source", source, say("must be one of {known}", known=", ".join(SOURCES)))])
        return known[source]

    def _sharing(self) -> dict[Path, list[Entry]]:
        """Pictures by the file that their mask lies in, or would lie in."""
        found: dict[Path, list[Entry]] = {}
        for one in self._pictures.entries():
            place = mask_path(self._pictures.places, one.folder, one.is_reg, one.path.stem)
            found.setdefault(place, []).append(one)
        return found

    def _require_own(self, entry: Entry, sharing: Mapping[Path, Sequence[Entry]]) -> None:
        place = mask_path(self._pictures.places, entry.folder, entry.is_reg, entry.path.stem)
        if others := [one.path for one in sharing.get(place, ()) if one.path != entry.path]:
            other = f"{others[0].parent.name}/{others[0].name}"
            raise DatasetError(
                say("{other} has the same name but for its ending and would have the same mask; rename one of them",
                    other=other)
            )  # fmt: skip

    def _inverted(self, entry: Entry) -> Image.Image:
        mask = mask_of(entry, self._pictures.places)
        if mask is None:
            raise DatasetError(say("has no mask"))
        return inverted(mask)

    @staticmethod
    def _sized(entry: Entry) -> Entry:
        """With its size, which a catalog that has just been opened may not know yet."""
        if entry.width:
            return entry
        width, height = open_layers(entry.path).size
        return replace(entry, width=width, height=height)

    def _written(self, steps: Sequence[Change | None], refused: Sequence[str] = ()) -> dict[str, Any]:
        changes = [step for step in steps if step]
        label = say("masks: {count}", count=len(changes))
        return answer_edit(self._pictures.journal().apply(label, changes), refused)


def _of_alpha(entry: Entry) -> Image.Image:
    mask = from_alpha(entry.path)
    if mask is None:
        raise DatasetError(say("nothing in it is transparent"))
    return mask


def _of_file(files: Mapping[tuple[str, str], Path], entry: Entry) -> Image.Image:
    stem = composed(entry.path.stem)
    path = files.get((composed(entry.folder), stem)) or files.get(("", stem))
    if path is None:
        raise DatasetError(say("there is no mask file of its name"))
    try:
        return from_bytes(path.read_bytes(), (entry.width, entry.height))
    except OSError as error:
        why = say("{name}: cannot be read ({why}); check its permissions", name=path.name, why=reason(error))
        raise DatasetError(why) from error


def _detected(entry: Entry, detect: Detector, margin: float) -> Image.Image:
    found = detect(open_layers(entry.path))
    if not found:
        raise DatasetError(say("nothing was found in it; paint it by hand"))
    return from_boxes((entry.width, entry.height), [grown(one.box, margin) for one in found])
