"""A ``dataset_config`` of kohya's sd-scripts: datasets with subsets, of which each may have its own settings.

Here all pictures of a run share their settings, and the name of a folder tells repeats and class. So what is the same
everywhere is taken, and the rest is told with what to do about it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lib_train.config import kohya_keys as keys
from lib_train.config.kohya_work import Work, off
from lib_train.errors import Problem
from lib_train.texts import joined, say

_OF_DATASETS = {
    "resolution": None, "batch_size": 1, "enable_bucket": False, "min_bucket_reso": 256, "max_bucket_reso": 1024,
    "bucket_reso_steps": 64, "bucket_no_upscale": False,
}  # fmt: skip
"""What a dataset has once, with what it is where nothing says it."""
_OF_SUBSETS = {
    "shuffle_caption": False, "keep_tokens": 0, "keep_tokens_separator": "", "caption_separator": ",",
    "caption_prefix": "", "caption_suffix": "", "color_aug": False, "flip_aug": False, "random_crop": False,
    "caption_dropout_rate": 0, "caption_dropout_every_n_epochs": 0, "caption_tag_dropout_rate": 0,
    "caption_extension": ".caption",
}  # fmt: skip
_RENAMED = {"batch_size": "train_batch_size", "num_repeats": "dataset_repeats"}
"""Theirs -> what sd-scripts calls it on its command line."""
_FOLDERS = frozenset(("image_dir", "num_repeats", "class_tokens", "is_reg", "subsets", "name", "metadata_file"))
_COUNTED = re.compile(r"(\d+)_(.*)", re.DOTALL)
_INSTEAD = {
    "keep_tokens": say("; or write keep_tokens_separator into the captions, which tells it for each picture"),
    "caption_prefix": say("; or write it into the captions themselves"),
    "caption_suffix": say("; or write it into the captions themselves"),
}
"""Another way out, behind the one that all have."""


class _Subset(NamedTuple):
    """One folder, with all levels of settings that count for it, the nearest first."""

    number: int
    """Of its dataset."""
    levels: tuple[Mapping[str, Any], ...]

    def value(self, name: str, otherwise: Any = None) -> Any:
        """What counts for the folder."""
        return next((level[name] for level in self.levels if level.get(name) is not None), otherwise)

    @property
    def folder(self) -> str:
        """Path of the pictures; empty where there is none."""
        return str(self.value("image_dir", ""))

    @property
    def title(self) -> str:
        """The folder's name, whichever system wrote the path."""
        return re.split(r"[/\\]", self.folder.rstrip("/\\"))[-1]

    @property
    def is_reg(self) -> bool:
        """Whether it holds regularisation pictures."""
        return not off(self.value("is_reg"))


def datasets(work: Work) -> None:
    """Put what a file says of datasets and subsets under the names that stand for all pictures."""
    general, listed, loose = (work.take(name) for name in ("general", "datasets", "subsets"))
    if all(off(part) for part in (general, listed, loose)):
        return
    general = general if isinstance(general, Mapping) else {}
    given = _mappings(listed) or ([{"subsets": loose}] if _mappings(loose) else [])
    if not given and not general:
        remedy = say("must be a list of sections, as in [[datasets]] and [[datasets.subsets]]")
        work.problems.append(Problem("datasets", listed or loose, remedy))
        return
    work.take("dataset_config")  # this is it
    flat = {name: work.left[theirs] for name, theirs in _RENAMED.items() if theirs in work.left} | work.left
    subsets = [
        _Subset(number, (subset, dataset, general, flat))
        for number, dataset in enumerate(given, start=1)
        for subset in _mappings(dataset.get("subsets")) or [{}]
    ] or [_Subset(1, (general, flat))]
    written = {name for one in subsets for level in one.levels[:-1] for name in level} - _FOLDERS
    for name in sorted(written):
        _settle(work, name, subsets)
    _folders(work, subsets)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [one for one in found if isinstance(one, Mapping)]


def _settle(work: Work, name: str, subsets: Sequence[_Subset]) -> None:
    """One value for all pictures; where they differ the first one that training pictures have, and a note."""
    ours = _RENAMED.get(name, name)
    if name not in _OF_DATASETS and name not in _OF_SUBSETS:  # the tables of keys know it, or nobody
        found = [one.value(name) for one in subsets]
        work.left[ours] = next((value for value in found if not off(value)), found[0])
        return
    usual = {**_OF_DATASETS, **_OF_SUBSETS}[name]
    ordered = sorted(subsets, key=lambda one: one.is_reg)
    values = [one.value(name, usual) for one in ordered]
    if name == "caption_extension":
        work.left[name] = list(dict.fromkeys(map(str, values)))
        return
    work.left[ours] = values[0]
    if all(_plain(value) == _plain(values[0]) for value in values):
        return
    of_dataset = name in _OF_DATASETS
    titles = [say("dataset {number}", number=one.number) if of_dataset else one.title for one in ordered]
    listed = dict.fromkeys(joined(" ", (title, _plain(value))) for title, value in zip(titles, values, strict=True))
    note = say(
        "{name}: {listed}; all pictures of a run share it here, so {value}. Train those that need another one in a "
        "version of their own",
        name=ours, listed=joined(", ", listed), value=_plain(values[0]),
    )  # fmt: skip
    work.notes.append(joined("", (note, _INSTEAD.get(name, ""))))


def _plain(value: Any) -> Any:
    """One side and two equal ones are the same resolution, and 1 and 1.0 the same number.

    >>> _plain([768, 768]), _plain((512, 768)), _plain(True), _plain("")
    (768, '512,768', True, "''")
    """
    if isinstance(value, list | tuple):
        sides = [str(side) for side in value]
        return value[0] if len(set(sides)) == 1 else ",".join(sides)
    return repr(value) if value == "" else value


def _folders(work: Work, subsets: Sequence[_Subset]) -> None:
    for setting, wants_reg in (("train_data_dir", False), ("reg_data_dir", True)):
        found = {one.folder: one for one in reversed(subsets) if one.folder and one.is_reg == wants_reg}
        if found:
            work.left[setting] = list(reversed(found))
        for one in reversed(found.values()):
            _tell_name(work, one)
    if any(not off(one.value("metadata_file")) for one in subsets):
        work.notes.append(joined(": ", ("metadata_file", keys.NOTES["in_json"])))


def _tell_name(work: Work, one: _Subset) -> None:
    """Say what the folder must be called for the same repeats, and the same caption of pictures without one."""
    repeats, tokens, match = one.value("num_repeats", 1), one.value("class_tokens"), _COUNTED.fullmatch(one.title)
    name = match[2] if match else one.title
    if match and str(match[1]) == str(repeats) and tokens in (None, "", name):
        return
    note = say(
        "{folder}: repeats and the caption of pictures without one are a folder's name here: rename it to {name}",
        folder=one.folder, name=f"{repeats}_{tokens or name}",
    )  # fmt: skip
    work.notes.append(note)
