"""Crops that nobody draws: about faces, about what draws the eye, whole persons; and two published preparations.

Detectors come in as functions, so that each works with any of them.
"""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from lib_train.errors import ConfigError, DatasetError, Problem
from lib_train.pictures.crops import WHOLE, Box, grown, head_of, held_to, joined_box, scaled, upper_body_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.faces import Detection, Detector, focal_point
from lib_train.pictures.results import Plan, Wanted
from lib_train.pictures.retouch import Retouch, Upscale, covering, crop, mirror, then
from lib_train.texts import say

PARTS = ("head", "upper", "whole")
"""What a picture of a person is split into."""
TAGS = {"head": "portrait", "upper": "upper body", "whole": "full body"}
"""What captions may be told of each."""
_MARGIN = 0.06
_SHARES = (0.75, 0.55, 0.4)
"""Of the sides of the largest crop: nearer and nearer."""


def split(parts: Sequence[str], detect: Detector, *, ratio: float | None, tagged: bool) -> Plan:
    """Head, upper body and whole person of each face's owner, the one with the largest face.

    Args:
        ratio: width by height in pixels that all are held to; None takes them as they are.
        tagged: whether captions are told the part.

    Raises:
        ConfigError: a part is none of ``PARTS``.
    """
    if wrong := [part for part in parts if part not in PARTS] or ([""] if not parts else []):
        raise ConfigError([Problem("parts", wrong[0], say("must be one of {known}", known=", ".join(PARTS)))])

    def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
        person = _person(picture, detect)
        return [Wanted(crop(person[part], ratio, part, TAGS[part]), (TAGS[part],) if tagged else ()) for part in parts]

    return plan


def about_focus(detect: Detector | None, *, share: float, ratio: float | None, tags: Sequence[str] = ()) -> Plan:
    """One crop about what draws the eye.

    Args:
        detect: finds faces, which draw it most; None looks at contrasts alone.
        share: of the largest crop's sides.
    """

    def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
        box = scaled(focal_point(picture, detect(picture) if detect else ()), picture.size, share, ratio)
        return [Wanted(crop(box), tuple(tags))]

    return plan


def about_boxes(detect: Detector, *, margin: float, ratio: float | None, tags: Sequence[str] = ()) -> Plan:
    """One crop for each thing that the detector finds.

    Args:
        margin: around it, as a share of its sides.
    """

    def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
        found = _found(picture, detect)
        return [Wanted(crop(grown(one.box, margin), ratio), tuple(tags)) for one in found]

    return plan


class Person(NamedTuple):
    """Where recipe 1 puts what it cuts out."""

    reg_folder: Path
    """For whole persons: <reg>/<repeats>_<class>."""
    size: tuple[int, int]
    """Width and height in pixels that are trained on."""


def person_and_head(detect: Detector, wish: Person, *, tagged: bool, upscale: Upscale | None = None) -> Plan:
    """Recipe 1: of each photo the whole person as a regularisation picture, the head as a training picture.

    A head of less than a third of the training size is named instead: it would be blurred.
    """
    ratio = wish.size[0] / wish.size[1]

    def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
        person = _person(picture, detect)
        head = held_to(person["head"], picture.size, ratio)
        left, top, right, bottom = head.pixels(picture.size)
        if 3 * min(right - left, bottom - top) < min(wish.size):
            size = f"{right - left} x {bottom - top}"
            raise DatasetError(say("its head is only {size} pixels: take a larger picture", size=size))
        whole = Wanted(crop(person["whole"], None, "whole"), (TAGS["whole"],) if tagged else (), wish.reg_folder, True)
        near = crop(head, None, "head", TAGS["head"])
        return [whole, Wanted(then(near, covering(wish.size, upscale)), (TAGS["head"],) if tagged else ())]

    return plan


def multiplied(
    count: int, of: int, size: tuple[int, int], detect: Detector | None, *, tagged: bool, upscale: Upscale | None = None
) -> Plan:
    """Recipe 2: a few drawings become many: crops at several scales, enlarged to the training size, and mirrored.

    Args:
        count: pictures wanted in all, the ``of`` originals among them.
        size: width and height in pixels that are trained on.
        detect: finds what the crops are about; None, and where it finds nothing, is what draws the eye.

    Raises:
        ConfigError: so many cannot be made.
    """
    most = of * (1 + len(_variants(WHOLE.middle, size, size, None)))
    if not of < count <= most:
        remedy = say("must be above {low} and at most {high}, for {low} pictures", low=of, high=most)
        raise ConfigError([Problem("count", count, remedy)])
    wanted, left = ceil((count - of) / of), [count - of]

    def plan(entry: Entry, picture: Image.Image) -> list[Wanted]:
        focus = focal_point(picture, detect(picture) if detect else ())
        chosen = _variants(focus, picture.size, size, upscale)[: min(wanted, left[0])]
        left[0] -= len(chosen)
        return [Wanted(one, (one.tag,) if tagged and one.tag else ()) for one in chosen]

    return plan


def _variants(
    focus: tuple[float, float], size: tuple[int, int], wanted: tuple[int, int], upscale: Upscale | None
) -> list[Retouch]:
    """The picture mirrored, nearer, nearer and mirrored, and so on: the most different first."""
    ratio = wanted[0] / wanted[1]
    near = [then(crop(scaled(focus, size, share, ratio)), covering(wanted, upscale)) for share in _SHARES]
    near = [one._replace(tag=tag) for one, tag in zip(near, ("", "upper body", "close-up"), strict=True)]
    return [near[0], near[1], mirror(), then(near[1], mirror()), near[2], then(near[0], mirror()),
            then(near[2], mirror())]  # fmt: skip


def _person(picture: Image.Image, detect: Detector) -> dict[str, Box]:
    """The parts of the person with the largest face; one that a detector of bodies framed is whole by its frame."""
    found = _found(picture, detect)
    faces = [one for one in found if one.kind in ("face", "head")]
    if not faces:
        raise DatasetError(say("no face was found; crop it by hand"))
    face = max(faces, key=lambda one: one.area)
    head = head_of(face.box) if face.kind == "face" else face.box
    bodies = [one.box for one in found if one.kind in ("body", "person") and one.holds(face.box.middle)]
    upper = upper_body_of(face.box)
    whole = grown(joined_box([head, bodies[0]]), _MARGIN) if bodies else WHOLE
    return {"head": head, "upper": upper, "whole": whole}


def _found(picture: Image.Image, detect: Detector) -> list[Detection]:
    found = list(detect(picture))
    if not found:
        raise DatasetError(say("nothing was found in it; crop it by hand"))
    return found
