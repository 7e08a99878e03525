"""Find pictures and captions in kohya's folders, and everything in them that cannot be used."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import DatasetError, Problem
from lib_train.names import composed
from lib_train.parallel import worked
from lib_train.pictures.facts import Facts, looked
from lib_train.pictures.folders import Folders
from lib_train.pictures.notes import Found, notes_on
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.shelves import Slot, slots_of, unread_lists
from lib_train.pictures.sidecars import Words, read_words
from lib_train.texts import joined, say

Checked = tuple[Found | None, list[Problem]]
"""A picture that can be used, or what is wrong with it."""


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
    look: Callable[[Path], Facts] = looked,
) -> Walked:
    """Everything in the folders, read to its end; see ``scan``.

    Args:
        endings: of caption files.
        look: reads a picture; callers that ask often give one that remembers.
    """
    slots = [slot for one, is_reg in zip(folders, (False, True), strict=True)
             for subset in one.subsets for slot in slots_of(subset, endings, is_reg=is_reg)]  # fmt: skip
    checks: dict[int, Checked] = {}
    places = range(len(slots))
    with closing(worked(lambda place: _looked_at(look, slots[place]), places)) as going:
        for done, (place, one) in enumerate(going, start=1):
            checks[place] = one
            if progress:
                progress(done, len(slots))
    return walked(folders, unread_lists(folders, endings), [checks[place] for place in places])


def walked(folders: Sequence[Folders], notes: Sequence[str], checks: Iterable[Checked]) -> Walked:
    """What the folders and their pictures come to.

    Args:
        notes: see ``unread_lists``.
    """
    found: list[Found] = []
    problems = [problem for one in folders for problem in one.problems]
    for one, wrong in checks:
        found += [one] if one else []
        problems += wrong
    return Walked(tuple(found), tuple(problems), (*(note for one in folders for note in one.notes), *notes))


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


def _looked_at(look: Callable[[Path], Facts], slot: Slot) -> Checked:
    return checked(slot, look(slot.path), read_words(slot.caption) if slot.caption else None)


def checked(slot: Slot, facts: Facts, words: Words | None) -> Checked:
    """One picture file as a run takes it, or what is wrong with it.

    Args:
        words: its caption file's; None where there is none.
    """
    problems: list[Problem] = []
    if facts.problem:
        problems.append(Problem("picture", str(slot.path), facts.problem))
    if words and words.problem:
        problems.append(Problem("caption", str(slot.path), words.problem))
    if problems:
        return None, problems
    first, more, _ = words.text.partition("\n") if words else (slot.name, "", "")
    caption = composed(first.strip()) if words else first
    picture = Picture(path=slot.path, caption=caption, width=facts.width, height=facts.height, repeats=slot.repeats,
                      folder=slot.title, is_reg=slot.is_reg)  # fmt: skip
    found = Found(picture=picture, animated=facts.animated, captioned=words is not None, more_lines=bool(more),
                  damaged=facts.damaged)  # fmt: skip
    return found, []
