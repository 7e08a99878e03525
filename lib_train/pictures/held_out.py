"""Pictures that a run measures and does not train on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.facts import Facts, looked
from lib_train.pictures.folders import Folders
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.scan import walk
from lib_train.texts import say


def split(found: Scan, share: float, seed: int) -> Scan:
    """The same pictures, a share of those of training held out: at least one, and never all.

    Which they are depends on the seed and on how many there are.
    """
    trained = [place for place, picture in enumerate(found.pictures) if not picture.is_reg]
    count = min(max(1, round(len(trained) * share)), len(trained) - 1)
    if not share or not trained:
        return found
    if count < 1:
        note = say("validation_split = {share:g}: there is one picture only, so none is held out", share=share)
        return replace(found, notes=(*found.notes, note))
    chosen = set(Random(f"{seed}/validation").sample(trained, count))
    left = tuple(picture for place, picture in enumerate(found.pictures) if place not in chosen)
    return replace(found, pictures=left, held_out=_once(found.pictures[place] for place in sorted(chosen)))


def with_folders(found: Scan, named: Sequence[str], dataset: DatasetConfig) -> Scan:
    """The same pictures, and those of further folders held out.

    Args:
        named: folders, with or without repeats in their names; their problems stand under ``validation_data_dir``.
    """
    folders = Folders("validation_data_dir", named, plain=True)
    walked = walk((folders, Folders("reg_data_dir", ())), dataset.caption_extension, look=_looked)
    return replace(
        found,
        held_out=(*found.held_out, *_once(one.picture for one in walked.found)),
        problems=(*found.problems, *walked.problems),
        notes=(*found.notes, *walked.notes),
    )


def _once(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    return tuple(replace(picture, repeats=1) for picture in pictures)


def _looked(path: Path) -> Facts:
    """Remembers: plans are made anew with each setting that changes."""
    try:
        stat = path.stat()
    except OSError:
        return looked(path)
    return _remembered(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=10_000)
def _remembered(path: Path, changed: int, size: int) -> Facts:
    """Everything behind ``path`` is part of the key alone."""
    return looked(path)
