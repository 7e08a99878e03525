"""All checks, in the order of how bad it is what they find."""

from collections.abc import Callable, Hashable, Iterator, Sequence

from lib_train.pictures.doctor import classes, likeness, quality, tagging, writing
from lib_train.pictures.doctor.case import SEVERITIES, Case, Finding
from lib_train.pictures.entry import Entry

Check = Callable[[Case], Iterator[Finding]]
_SIZES = ("size", "enable_bucket", "bucket_limits", "bucket_reso_steps", "bucket_no_upscale")
_TAGS = ("caption_separator", "keep_tokens_separator")
CHECKS: dict[Check, tuple[str, ...]] = {
    quality.unreadable: (),
    writing.unreadable: (),
    classes.same_as_training: (),
    quality.small: _SIZES,
    likeness.duplicates: (),
    quality.blurred: (),
    likeness.near_duplicates: (),
    writing.kinds_of_caption: ("caption_separator",),
    writing.encoding: (),
    tagging.without_trigger: (*_TAGS, "caption_prefix", "triggers"),
    tagging.conflicting: _TAGS,
    writing.too_long: ("max_tokens", "around"),
    quality.cropped: _SIZES,
    quality.extreme_shapes: (),
    classes.empty: ("reg_data_dir",),
    tagging.twice: (*_TAGS, "caption_prefix", "caption_suffix"),
    quality.lonely_buckets: (*_SIZES, "batch_size"),
    quality.transparent: ("alpha_color",),
    writing.shared: (),
    tagging.rare: _TAGS,
    quality.kinds_of_file: (),
}
"""Each with what it depends on beside the entries: settings, and what else a case is told."""
CODES = (
    "unreadable", "unreadable_caption", "class_is_training", "small", "duplicate", "blurred", "near_duplicate",
    "no_caption", "empty_caption", "only_separators", "json", "weights", "encoding", "no_trigger", "conflicting_tags",
    "too_long", "cropped", "extreme_shape", "class_empty", "tag_twice", "transparent_border", "lonely_bucket",
    "transparent", "shared_caption", "rare_tag", "several_lines", "escapes", "animated", "damaged",
)  # fmt: skip
"""Codes of everything that can be found, the worst first."""


def examine(case: Case) -> list[Finding]:
    """What is wrong with a set, the worst first."""
    return _worst_first([one for check in CHECKS for one in check(case)])


class Examination:
    """Of the same entries under settings that change: what a change has no part in is not looked at again."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self._known: dict[Check, tuple[list[Hashable], list[Finding]]] = {}

    def findings(self, case: Case) -> list[Finding]:
        """As ``examine``, for a case of these entries."""
        assert case.entries is self.entries
        found = []
        for check, names in CHECKS.items():
            told = [getattr(case if hasattr(case, name) else case.config, name) for name in names]
            known = self._known.get(check)
            if known is None or known[0] != told:
                known = told, list(check(case))
                self._known[check] = known
            found += known[1]
        return _worst_first(found)


def _worst_first(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), CODES.index(one.code)))
