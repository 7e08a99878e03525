"""Pictures that cannot be trained on, or not well."""

import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from statistics import median

from lib_train.pictures.doctor.case import ERROR, NOTE, WARNING, Case, Finding, finding
from lib_train.pictures.entry import Entry
from lib_train.pictures.records import Fit
from lib_train.pictures.rules import (
    ANIMATED,
    CROPPED,
    DAMAGED,
    LEAST_KEPT,
    OF_ONE,
    SMALL,
    is_enlarged,
    kept,
    told_of_cropping,
)
from lib_train.texts import say

MEASURED_AT = 512
"""Pixels of the longer side at which sharpness is measured."""
_EXTREME = 3.0
"""Times the shorter side that the longer one may be."""
_SOFT, _BLURRED = 100.0, 15.0
"""Sharpness of a photograph that is a little soft, and of one in which nothing can be seen."""
_PART_OF_USUAL = 0.25
_OWN_SIZE = say("pictures smaller than the training size, which bucket_no_upscale trains at their own size")


def unreadable(case: Case) -> Iterator[Finding]:
    """Files that are no pictures, or damaged."""
    hit = [entry for entry in case.present if entry.problem]
    yield from finding("unreadable", ERROR, say("pictures that cannot be used"), hit, remedies=("take_out",),
                       detail=lambda entry: entry.problem)  # fmt: skip


def small(case: Case) -> Iterator[Finding]:
    """Pictures with fewer pixels than they are trained at, the smallest first."""

    @cache
    def times(width: int, height: int) -> float:  # of 5,000 pictures few differ in size
        return _times_too_small(case, width, height)

    hit = [entry for entry in case.usable if times(entry.width, entry.height) > 1]
    hit.sort(key=lambda entry: -times(entry.width, entry.height))

    def detail(entry: Entry) -> str:
        size = f"{entry.width}x{entry.height}"
        return say("{size}, {times:.2g} times too small", size=size, times=times(entry.width, entry.height))

    many = _OWN_SIZE if case.config.bucket_no_upscale and case.config.enable_bucket else SMALL.many
    yield from finding(SMALL.code, WARNING, many, hit, remedies=("enlarge", "take_out"), detail=detail)


def _times_too_small(case: Case, width: int, height: int) -> float:
    """What the sides of a picture must be multiplied with to reach the training size; 1 for what is large enough."""
    if case.config.bucket_no_upscale and case.config.enable_bucket:  # such a picture gets a bucket that is too small
        across, down = case.config.size
        return max(1.0, math.sqrt(across * down / (width * height)))
    fit = case.fit(width, height)
    return fit.resized[0] / width if is_enlarged(width, height, fit) else 1.0


def blurred(case: Case) -> Iterator[Finding]:
    """Training pictures that are far less sharp than the others, or in which nothing is sharp; the worst first."""
    measured = [entry for entry in case.trained if entry.content]
    usual = median(entry.sharpness for entry in measured) if measured else 0.0

    def least(entry: Entry) -> float:
        """Small ones are measured enlarged, so that only the others tell what is sharp for them."""
        floor = _BLURRED if max(entry.width, entry.height) >= MEASURED_AT else 0.0
        return max(floor, min(_SOFT, usual * _PART_OF_USUAL))

    hit = sorted((entry for entry in measured if entry.sharpness < least(entry)), key=lambda entry: entry.sharpness)

    def detail(entry: Entry) -> str:
        return say("sharpness {sharpness:.0f}, usual here {usual:.0f}", sharpness=entry.sharpness, usual=usual)

    yield from finding("blurred", WARNING, say("blurred pictures"), hit, remedies=("take_out",), detail=detail)


def extreme_shapes(case: Case) -> Iterator[Finding]:
    """Pictures that are more than three times as long as wide, or as wide as long."""
    hit = [entry for entry in case.usable if max(entry.width, entry.height) > _EXTREME * min(entry.width, entry.height)]
    yield from finding("extreme_shape", WARNING, say("pictures with one side more than three times the other"), hit,
                       remedies=("crop", "take_out"),
                       detail=lambda entry: f"{entry.width}x{entry.height}")  # fmt: skip


def cropped(case: Case) -> Iterator[Finding]:
    """Pictures of which their bucket keeps less than half, the worst first."""

    @cache
    def share(width: int, height: int) -> float:
        return kept(case.fit(width, height))

    hit = [entry for entry in case.usable if share(entry.width, entry.height) < LEAST_KEPT]
    hit.sort(key=lambda entry: share(entry.width, entry.height))
    sizes = [(entry.path.name, entry.width, entry.height, case.fit(entry.width, entry.height)) for entry in hit]

    def detail(entry: Entry) -> str:
        bucket = _sides(case.fit(entry.width, entry.height))
        return say("{bucket} keeps {kept:.0%}", bucket=bucket, kept=share(entry.width, entry.height))

    yield from finding(CROPPED.code, WARNING, CROPPED.many, hit, remedies=("crop", "take_out"), detail=detail,
                       text=told_of_cropping(sizes) if sizes else None)  # fmt: skip


def lonely_buckets(case: Case) -> Iterator[Finding]:
    """Training pictures whose bucket holds too few for a batch, or one alone, while another bucket holds enough."""
    counts = Counter(case.fit(entry.width, entry.height).bucket for entry in case.trained)
    few = max(2, case.batch_size)
    if not counts or max(counts.values()) < few or min(counts.values()) >= few:
        return
    hit = [entry for entry in case.trained if counts[case.fit(entry.width, entry.height).bucket] < few]

    def detail(entry: Entry) -> str:
        fit = case.fit(entry.width, entry.height)
        return say("bucket {bucket} holds {count}", bucket=_sides(fit), count=counts[fit.bucket])

    yield from finding("lonely_bucket", NOTE, say("pictures in a bucket with too few others to make a batch"), hit,
                       remedies=("crop",), detail=detail)  # fmt: skip


def transparent(case: Case) -> Iterator[Finding]:
    """Pictures with transparent borders, or other transparent pixels, whose colour the settings choose."""
    color, hit = case.config.alpha_color, [entry for entry in case.usable if entry.transparent]
    border = say("pictures with transparent borders, which are trained as {color}", color=color)
    parts = say("pictures with transparent parts, which are trained as {color}", color=color)
    yield from finding("transparent_border", WARNING, border, [entry for entry in hit if entry.clear_edge],
                       remedies=("crop", "background"))  # fmt: skip
    yield from finding("transparent", NOTE, parts, [entry for entry in hit if not entry.clear_edge],
                       remedies=("background",))  # fmt: skip


def kinds_of_file(case: Case) -> Iterator[Finding]:
    """Animations, and damaged metadata."""
    for rule, holds in OF_ONE:
        if rule in (ANIMATED, DAMAGED):
            yield from finding(rule.code, NOTE, rule.many, [one for one in case.usable if holds(one, case.config)])


def _sides(fit: Fit) -> str:
    return f"{fit.bucket[0]}x{fit.bucket[1]}"
