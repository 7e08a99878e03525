"""What is done to the pixels of some pictures of a set: new files beside them, as one edit."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from lib_train.app.edits import answer_edit
from lib_train.app.imports import default_folder
from lib_train.app.picture_sets import PictureSet, PictureSets
from lib_train.app.versions import Versions
from lib_train.app.works import Act, GoOn, Works
from lib_train.errors import ConfigError, DatasetError, MissingPackage, Problem, reason
from lib_train.host.protocol import Host
from lib_train.pictures.automatic import (
    PARTS,
    Person,
    about_boxes,
    about_focus,
    multiplied,
    person_and_head,
    split,
)
from lib_train.pictures.crops import box_of
from lib_train.pictures.cutouts import by_rembg, on_ground
from lib_train.pictures.detectors import by_onnx
from lib_train.pictures.entry import Entry
from lib_train.pictures.faces import CASCADES, Detector, by_cascade
from lib_train.pictures.results import Plan, Results, Wanted, made
from lib_train.pictures.retouch import (
    Retouch,
    Upscale,
    covering,
    crop,
    enlarge,
    mirror,
    pad,
    reduce,
    rotate,
)
from lib_train.pictures.taking_out import steps_out
from lib_train.texts import say, with_texts

_LISTED = 20


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What shall be done; which of it counts depends on ``action``."""

    action: str
    """One of ``ACTIONS``."""
    box: tuple[float, ...] = ()
    """crop: left, top, right and bottom as shares of the picture."""
    detector: str = ""
    """crop, split, person, multiply: "face", "cat" or the path of an ONNX file; empty is what draws the eye."""
    margin: float = 0.1
    """crop: around what was found, as a share of its sides."""
    share: float = 0.7
    """crop about what draws the eye: of the largest crop's sides."""
    held: bool = False
    """crop, split: whether results have the proportions of the training size."""
    parts: tuple[str, ...] = PARTS
    """split."""
    degrees: int = 90
    """rotate: clockwise."""
    color: str = "#ffffff"
    """pad, background."""
    cut_out: str = ""
    """background: a model of rembg that first makes everything transparent but what a picture shows; empty is none."""
    factor: float | None = None
    """enlarge, reduce: by this; of enlarge None is up to the training size."""
    upscaler: str = ""
    """enlarge, person, multiply: one of the host's; empty is Lanczos."""
    name: str = "person"
    """person: of the folder 1_<name> for regularisation."""
    count: int = 20
    """multiply: pictures in all."""
    tagged: bool = False
    """Whether captions are told what was done."""
    tags: tuple[str, ...] = ()
    """Put at the end of the new captions."""
    take_out: bool = False
    """Whether the originals are taken out."""


def wish_of(action: str, facts: Mapping[str, Any]) -> Wish:
    """A wish of JSON values by their names."""
    given: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in facts.items()}
    return Wish(action=action, **given)


class Retouching:
    """Of one set of pictures.

    Args:
        host: has upscalers; None has none.
        permitted: turns the path of a detector that somebody named into one that may be read.
    """

    def __init__(self, pictures: PictureSet, host: Host | None, permitted: Callable[[str, str], Path]) -> None:
        self._pictures, self._host, self._permitted = pictures, host, permitted

    def prepared(
        self, wish: Wish, filter: str = "", ids: Collection[int] | None = None, *, dry_run: bool = False
    ) -> Act:
        """What does it, as one edit that can be undone, and returns what came of it.

        Args:
            filter, ids: which pictures; all where neither is told. Those taken out are left alone.

        Raises:
            TrainToolsError: the wish cannot be fulfilled, or the filter not be read.
        """
        if wish.action not in ACTIONS:
            known = ", ".join(ACTIONS)
            raise ConfigError([Problem("action", wish.action, say("must be one of {known}", known=known))])
        chosen = [one for one in self._pictures.chosen(filter, ids) if not one.left_out]
        if wish.action in ("person", "multiply"):
            chosen = [one for one in chosen if not one.is_reg]
        plan = _with_tags(ACTIONS[wish.action](self, wish, len(chosen)), wish.tags)
        return lambda go_on: self._run(plan, chosen, wish, dry_run, go_on)

    def _run(self, plan: Plan, chosen: list[Entry], wish: Wish, dry_run: bool, go_on: GoOn) -> dict[str, Any]:
        pictures, edit = self._pictures, None
        separator = pictures.dataset.caption_separator.strip() or ","
        try:
            with made(chosen, plan, pictures.places, separator=separator, go_on=go_on, dry_run=dry_run,
                      by_size=bool(wish.box) or wish.action in _BY_SIZE) as results:  # fmt: skip
                steps = list(results.steps)
                if steps and wish.take_out:
                    steps += steps_out(results.used, pictures.dataset, pictures.places)
                if steps:
                    label = say("{action}: {count} new pictures", action=_SAID[wish.action], count=results.made)
                    edit = answer_edit(pictures.journal().apply(label, steps))
        except OSError as error:
            why = say("pictures cannot be written ({why}); make room or check permissions", why=reason(error))
            raise DatasetError(why) from error
        return _answer(results, len(chosen), edit)

    def crop(self, wish: Wish, count: int) -> Plan:
        ratio = self._ratio if wish.held else None
        tags = ("cropped",) if wish.tagged else ()
        if wish.box:
            return _always(crop(box_of(wish.box), ratio), tags)
        if not wish.detector:
            share = _share("share", wish.share)
            with suppress(MissingPackage):  # without OpenCV contrast alone tells what draws the eye
                return about_focus(by_cascade("face"), share=share, ratio=ratio, tags=tags)
            return about_focus(None, share=share, ratio=ratio, tags=tags)
        detect = self._detector(wish.detector)
        return about_boxes(detect, margin=_least("margin", wish.margin), ratio=ratio, tags=tags)

    def split(self, wish: Wish, count: int) -> Plan:
        ratio = self._ratio if wish.held else None
        return split(wish.parts, self._detector(wish.detector or "face"), ratio=ratio, tagged=wish.tagged)

    def rotate(self, wish: Wish, count: int) -> Plan:
        return _always(rotate(wish.degrees))

    def mirror(self, wish: Wish, count: int) -> Plan:
        return _always(mirror(), ("mirrored",) if wish.tagged else ())

    def pad(self, wish: Wish, count: int) -> Plan:
        return _always(pad(self._ratio, wish.color))

    def enlarge(self, wish: Wish, count: int) -> Plan:
        upscale = self._upscale(wish.upscaler)
        if wish.factor is not None:
            return _always(enlarge(wish.factor, upscale))
        size = self._pictures.dataset.size
        change = covering(size, upscale)

        def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
            return [] if picture.width >= size[0] and picture.height >= size[1] else [Wanted(change)]

        return plan

    def reduce(self, wish: Wish, count: int) -> Plan:
        return _always(reduce(0.5 if wish.factor is None else wish.factor))

    def background(self, wish: Wish, count: int) -> Plan:
        cut = by_rembg(wish.cut_out, self._permitted) if wish.cut_out else None
        change = on_ground(wish.color, cut)

        def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
            return [Wanted(change)] if cut or picture.mode in ("LA", "RGBA") else []

        return plan

    def person(self, wish: Wish, count: int) -> Plan:
        where = Person(self._pictures.home_of(True) / default_folder(wish.name, 1), self._pictures.dataset.size)
        detect, upscale = self._detector(wish.detector or "face"), self._upscale(wish.upscaler)
        return person_and_head(detect, where, tagged=wish.tagged, upscale=upscale)

    def multiply(self, wish: Wish, count: int) -> Plan:
        detect = self._detector(wish.detector) if wish.detector else None
        size, upscale = self._pictures.dataset.size, self._upscale(wish.upscaler)
        return multiplied(wish.count, count, size, detect, tagged=wish.tagged, upscale=upscale)

    @property
    def _ratio(self) -> float:
        width, height = self._pictures.dataset.size
        return width / height

    def _detector(self, name: str) -> Detector:
        if name in CASCADES:
            return by_cascade(name)
        return by_onnx(self._permitted("detector", name))

    def _upscale(self, name: str) -> Upscale | None:
        if not name or name.lower() == "lanczos":
            return None
        host = self._host
        known = list(host.upscalers()) if host else []
        if host is None or name not in known:
            remedy = say("must be one of {known}", known=", ".join(["Lanczos", *known]))
            raise ConfigError([Problem("upscaler", name, remedy)])
        return lambda picture, factor: host.enlarge(picture, name, factor)


ACTIONS: Mapping[str, Callable[[Retouching, Wish, int], Plan]] = {
    "crop": Retouching.crop, "rotate": Retouching.rotate, "mirror": Retouching.mirror, "split": Retouching.split,
    "pad": Retouching.pad, "enlarge": Retouching.enlarge, "reduce": Retouching.reduce,
    "background": Retouching.background, "person": Retouching.person, "multiply": Retouching.multiply,
}  # fmt: skip
"""What can be done."""
_BY_SIZE = ("rotate", "mirror", "pad", "enlarge", "reduce")
"""What does not depend on what is to be seen."""
_SAID = {
    "crop": say("cropped"), "rotate": say("turned"), "mirror": say("mirrored"), "split": say("split"),
    "pad": say("padded"), "enlarge": say("enlarged"), "reduce": say("reduced"),
    "background": say("laid on a color"), "person": say("whole persons and heads"), "multiply": say("multiplied"),
}  # fmt: skip


class Retouches:
    """Of all versions below one root, in the background."""

    def __init__(
        self, host: Host, versions: Versions, sets: PictureSets, permitted: Callable[[str, str], Path], works: Works
    ) -> None:
        self._host, self._versions, self._sets, self._permitted, self._works = host, versions, sets, permitted, works

    def start(
        self, project: str, version: str, wish: Wish, filter: str, ids: Collection[int] | None, dry_run: bool
    ) -> dict[str, Any]:
        """Begin to do something to a version's pictures; see ``Retouching.prepared``.

        Raises:
            TrainToolsError: there is no such version, or as there.
        """
        there = self._versions.existing(project, version)
        retouching = Retouching(self._sets.of(project, version), self._host, self._permitted)
        act = retouching.prepared(wish, filter, ids, dry_run=dry_run)
        return self._works.start("count" if dry_run else wish.action, project, version, act, there.filled)


def _always(change: Retouch, tags: tuple[str, ...] = ()) -> Plan:
    return lambda entry, picture: [Wanted(change, tags)]


def _with_tags(plan: Plan, tags: tuple[str, ...]) -> Plan:
    if not tags:
        return plan
    return lambda entry, picture: [replace(one, tags=(*one.tags, *tags)) for one in plan(entry, picture)]


def _share(name: str, value: float) -> float:
    if not 0 < value <= 1:
        raise ConfigError([Problem(name, value, say("must be above 0 and at most 1"))])
    return value


def _least(name: str, value: float) -> float:
    if not 0 <= value <= 10:
        raise ConfigError([Problem(name, value, say("must be between 0 and 10"))])
    return value


def _answer(results: Results, chosen: int, edit: dict[str, Any] | None) -> dict[str, Any]:
    more = len(results.refused) - _LISTED
    lines = [*results.refused[:_LISTED], *([say("and {count} more", count=more)] if more > 0 else [])]
    return with_texts({"pictures": chosen, "made": results.made, "examples": list(results.examples), "refused": lines,
                       "cancelled": results.cancelled, "edit": edit})  # fmt: skip
