"""All checks, in the order of how bad it is what they find."""

from collections.abc import Callable, Iterator

from lib_train.pictures.doctor import classes, likeness, quality, tagging, writing
from lib_train.pictures.doctor.case import SEVERITIES, Case, Finding

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    quality.unreadable,
    writing.unreadable,
    classes.same_as_training,
    quality.small,
    likeness.duplicates,
    quality.blurred,
    likeness.near_duplicates,
    writing.kinds_of_caption,
    writing.encoding,
    tagging.without_trigger,
    tagging.conflicting,
    writing.too_long,
    quality.cropped,
    quality.extreme_shapes,
    classes.empty,
    tagging.twice,
    quality.lonely_buckets,
    quality.transparent,
    writing.shared,
    tagging.rare,
    quality.kinds_of_file,
)
CODES = (
    "unreadable", "unreadable_caption", "class_is_training", "small", "duplicate", "blurred", "near_duplicate",
    "no_caption", "empty_caption", "only_separators", "json", "weights", "encoding", "no_trigger", "conflicting_tags",
    "too_long", "cropped", "extreme_shape", "class_empty", "tag_twice", "lonely_bucket", "transparent",
    "shared_caption", "rare_tag", "several_lines", "escapes", "animated", "damaged",
)  # fmt: skip
"""Codes of everything that can be found, the worst first."""


def examine(case: Case) -> list[Finding]:
    """What is wrong with a set, the worst first."""
    found = [one for check in CHECKS for one in check(case)]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), CODES.index(one.code)))
