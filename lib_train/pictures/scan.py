"""Find pictures and captions in kohya's folders, and everything in them that cannot be used."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import DatasetError, PictureError, Problem
from lib_train.names import composed
from lib_train.pictures.folders import Folders, Subset
from lib_train.pictures.images import Look, look_at
from lib_train.pictures.notes import Found, notes_on
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.sidecars import Captions, read_caption
from lib_train.texts import either, joined, say

_LEAST_SIDE = 8
_LISTS = (".json", ".jsonl", ".csv", ".tsv", ".parquet", ".xml", ".yaml", ".yml")
_Checked = tuple[Found | None, list[Problem]]


class Walked(NamedTuple):
    """Content of the folders; depends only on the folders and the endings of captions."""

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def scan(config: DatasetConfig, progress: Callable[[int, int], object] | None = None) -> Scan:
    """All pictures of the settings' folders, sorted, with every problem found and what is worth knowing.

    Each picture is read to its end, so that a damaged one is named here and not in the middle of a run.

    Args:
        progress: called with (done, total) after each picture.
    """
    return as_scan(walk(folders_of(config), config.caption_extension, progress), config)


def folders_of(config: DatasetConfig) -> tuple[Folders, Folders]:
    """The folders of training and of regularisation pictures. Looks at names alone."""
    return Folders("train_data_dir", config.train_data_dir), Folders("reg_data_dir", config.reg_data_dir)


def walk(
    folders: tuple[Folders, Folders],
    endings: Sequence[str],
    progress: Callable[[int, int], object] | None = None,
    look: Callable[[Path], Look] = look_at,
) -> Walked:
    """Everything in the folders, read to its end; see ``scan``.

    Args:
        endings: of caption files.
        look: reads a picture; callers that ask often give one that remembers.
    """
    train, reg = folders
    problems, notes = train.problems + reg.problems, train.notes + reg.notes
    notes += [note for one in folders for note in _unread_lists(one, endings)]
    checks = [
        check
        for subsets, is_reg in ((train.subsets, False), (reg.subsets, True))
        for subset in subsets
        for check in _checks(subset, is_reg, endings, look)
    ]
    found: list[Found] = []
    threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))
    try:
        for done, (one, wrong) in enumerate(threads.map(lambda check: check(), checks), start=1):
            found += [one] if one else []
            problems += wrong
            if progress:
                progress(done, len(checks))
    finally:
        threads.shutdown(cancel_futures=True)
    return Walked(tuple(found), tuple(problems), tuple(notes))


def _unread_lists(folders: Folders, endings: Sequence[str]) -> list[str]:
    """A line for each folder with files in which other programs keep captions."""
    notes: list[str] = []
    for folder, files in [*folders.beside, *((subset.folder, subset.files) for subset in folders.subsets)]:
        others = sorted({file.suffix.lower() for file in files} & set(_LISTS) - {ending.lower() for ending in endings})
        if others:
            notes.append(
                say("{folder}: {others} files are left out; captions are read from {endings} files beside the pictures",
                    folder=folder, others=", ".join(others), endings=either(endings))
            )  # fmt: skip
    return notes


def as_scan(walked: Walked, config: DatasetConfig) -> Scan:
    """What was found, with what is worth knowing of it under these settings."""
    pictures = tuple(one.picture for one in walked.found)
    return Scan(pictures=pictures, problems=walked.problems, notes=(*walked.notes, *notes_on(walked.found, config)))


def require_usable(found: Scan, config: DatasetConfig) -> None:
    """Pass when training can start with what was found.

    Raises:
        DatasetError: there is no picture, or a problem and on_bad_file is "refuse"; all problems are in it.
    """
    lines = [joined("", ("  ", problem)) for problem in found.problems]
    if not any(not picture.is_reg for picture in found.pictures):
        head = say(
            "train_data_dir = {where}: no picture can be used; name a folder that holds <repeats>_<name> folders",
            where=", ".join(config.train_data_dir) or say("nothing"),
        )
        notes = [joined("", ("  ", say("note: {note}", note=note))) for note in found.notes]
        raise DatasetError(joined("\n", [head, *lines, *notes]))
    if lines and config.on_bad_file == "refuse":
        head = say("{count} things in the picture folders cannot be used (on_bad_file = skip goes on without them):",
                   count=len(lines))  # fmt: skip
        raise DatasetError(joined("\n", [head, *lines]))


def _checks(
    subset: Subset, is_reg: bool, endings: Sequence[str], look: Callable[[Path], Look]
) -> list[Callable[[], _Checked]]:
    captions = Captions(subset.files, endings)
    return [partial(_checked, path, captions.of(path), subset, is_reg, look) for path in subset.pictures]


def _checked(
    path: Path, caption_file: Path | None, subset: Subset, is_reg: bool, look: Callable[[Path], Look]
) -> _Checked:
    problems: list[Problem] = []
    caption, more_lines = subset.name.strip(), False
    try:
        looked = look(path)
        if min(looked[:2]) < _LEAST_SIDE:
            size = f"{looked.width} x {looked.height}"
            raise PictureError(path, say("is {size} pixels: too small to train on; replace or remove it", size=size))
    except PictureError as error:
        problems.append(Problem("picture", str(path), error.why))
    try:
        if caption_file:
            caption, more_lines = read_caption(caption_file)
            caption = composed(caption)
    except DatasetError as error:
        problems.append(Problem("caption", str(path), str(error)))
    if problems:
        return None, problems
    picture = Picture(path=path, caption=caption, width=looked.width, height=looked.height, repeats=subset.repeats,
                      folder=subset.title, is_reg=is_reg)  # fmt: skip
    found = Found(picture=picture, animated=looked.animated, captioned=caption_file is not None, more_lines=more_lines,
                  damaged=looked.damaged)  # fmt: skip
    return found, []
