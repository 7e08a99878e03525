"""A batch edit of the caption files of pictures: what it would do, and the steps that do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import CaptionChanged, DatasetError, FileError
from lib_train.pictures.caption_edits import described, edited
from lib_train.pictures.caption_files import CaptionFile
from lib_train.pictures.caption_steps import Step
from lib_train.pictures.changes import Change, Left, content_of, told
from lib_train.pictures.entry import Entry
from lib_train.pictures.journal import Journal
from lib_train.pictures.sidecars import bytes_of, read_whole, tidied
from lib_train.pictures.tag_line import Shape
from lib_train.texts import joined, say


@dataclass(frozen=True, kw_only=True)
class NewCaption:
    """A caption that an edit changes. Pictures of one name with other endings share it."""

    entry: Entry
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What an edit would do."""

    label: str
    """In words, with the counts."""
    new: tuple[NewCaption, ...]
    counts: tuple[int, ...]
    """Captions that each step changes."""
    unreadable: tuple[Entry, ...]
    """Pictures whose caption files are no text; they are left alone."""


def batch(
    chosen: Sequence[Entry],
    steps: Sequence[Step],
    shape: Shape,
    *,
    all_lines: bool = False,
    everyone: Sequence[Entry] = (),
) -> Batch:
    """What steps do to the captions of the chosen pictures.

    One without a caption file has its folder's name as caption, and gets a file when that changes.

    Args:
        everyone: all pictures, of which those that are not chosen count where a step asks how frequent tags are.

    Raises:
        ConfigError: a step cannot be done.
    """
    readable = list(_one_each(entry for entry in chosen if not entry.caption_problem))
    among = {entry.id for entry in chosen}
    others = [entry.line for entry in everyone if entry.id not in among and not entry.left_out]
    captions = [entry.caption for entry in readable]
    after, counts = edited(captions, steps, shape, all_lines=all_lines, others=others)
    new = (NewCaption(entry=entry, before=entry.caption, after=caption)
           for entry, caption in zip(readable, after, strict=True) if caption != entry.caption)  # fmt: skip
    return Batch(
        label=described(steps, counts),
        new=tuple(new),
        counts=tuple(counts),
        unreadable=tuple(entry for entry in chosen if entry.caption_problem),
    )


def changes(new: Iterable[NewCaption], dataset: DatasetConfig) -> tuple[list[Change], list[str]]:
    """The steps for a journal, and a sentence for each caption that cannot be written.

    Encoding, line ends and surrounding space of a file stay.
    """
    steps, left = [], []
    for one in new:
        path = caption_path(one.entry, dataset)
        try:
            steps.append(_rewritten(path, one.before if one.entry.caption_file else None, one.after))
        except (DatasetError, Left) as why:
            left.append(why.args[0] if isinstance(why, DatasetError) else joined(": ", (path.name, why.args[0])))
    return steps, left


def write_noted(journal: Journal, path: Path, present: str, text: str) -> None:
    """Write one caption as an edit that can be undone.

    Args:
        path: of its file, whether it is there or not.
        present: the caption that the writer saw.

    Raises:
        CaptionChanged: the file holds another one.
        TrainToolsError: it cannot be written; says why.
    """
    try:
        with told():
            before = present if content_of(path) is not None else None
        step = _rewritten(path, before, tidied(text))
    except Left as why:
        raise _refusal(path, present, joined(": ", (path.name, why.args[0]))) from why
    for sentence in journal.apply(say("wrote {name}", name=path.name), [step]).left:
        raise _refusal(path, present, sentence)


def _refusal(path: Path, present: str, why: str) -> CaptionChanged | FileError:
    now = read_whole(path) if path.exists() else ""
    return FileError(why) if now == present else CaptionChanged(path.name, now)


def caption_path(entry: Entry, dataset: DatasetConfig) -> Path:
    """Where a picture's caption lies, or would lie."""
    endings = dataset.caption_extension
    ending = ".txt" if ".txt" in endings else endings[0]
    return entry.caption_file or entry.path.with_name(entry.path.stem + ending)


def _rewritten(path: Path, before: str | None, after: str) -> Change:
    """Another text for a file; None before is no file.

    Raises:
        Left: something else lies there, or it cannot be read.
        DatasetError: it is no text, or ``after`` cannot be written.
    """
    with told():
        content = path.read_bytes() if content_of(path) is not None else None
    if content is None and before is None:
        return Change(path, None, bytes_of(path.name, after))
    if content is None or before is None:
        raise Left(say("was changed meanwhile"))
    file = CaptionFile.read(path.name, content)
    if file.text != before:
        raise Left(say("was changed meanwhile"))
    return Change(path, content, file.with_text(path.name, after))


def _one_each(entries: Iterable[Entry]) -> Iterable[Entry]:
    """The first picture of each caption file, or of each name where there is none."""
    seen: set[Path] = set()
    for entry in entries:
        path = entry.caption_file or entry.path.with_suffix("")
        if path not in seen:
            seen.add(path)
            yield entry
