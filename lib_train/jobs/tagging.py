"""Tags many pictures: in batches, with progress, until all are done or somebody stops it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Event as Flag
from typing import NamedTuple

import numpy
from PIL import Image

from lib_train.config.tagging import TaggingConfig
from lib_train.errors import OutOfMemory, PictureError, is_short_of_memory
from lib_train.host.protocol import Host, TaggerRef
from lib_train.host.protocol import Tagged as Answer
from lib_train.jobs.listener import Listener
from lib_train.pictures.entry import Entry
from lib_train.pictures.images import open_picture
from lib_train.pictures.readings import is_blank
from lib_train.tagging.found import Found
from lib_train.tagging.seen import Seeing, Seen, least_of
from lib_train.tagging.tagger import Label, Tagger
from lib_train.texts import joined, say

_WORK = "tags"
_RATING = "rating:"
_HOST_THRESHOLD = 0.5
"""The WebUI's own for DeepBooru."""


@dataclass
class Tagged:
    """What a tagger said of pictures."""

    seen: dict[int, Seen] = field(default_factory=dict)
    """By the entry's id, in the order in which they were asked."""
    refused: list[str] = field(default_factory=list)
    """A sentence for each picture that could not be opened."""
    stopped: bool = False
    """Whether it ended before all were done."""


def to_tag(entries: Sequence[Entry], config: TaggingConfig, separator: str) -> list[Entry]:
    """Entries whose caption the mode may change: those taken out, and in one mode those with a caption, are not."""
    there = [entry for entry in entries if not entry.left_out and not entry.problem]
    if config.mode != "missing":
        return there
    return [entry for entry in there if entry.caption_file is None or _is_empty(entry, separator)]


def _is_empty(entry: Entry, separator: str) -> bool:
    return not entry.caption_problem and is_blank(entry.line, separator)


class Work(NamedTuple):
    """Pictures to tag."""

    entries: Sequence[Entry]
    config: TaggingConfig
    stop: Flag
    """Set by whoever wants no more."""


def tag_all(host: Host, tagger: Found | TaggerRef, work: Work, listener: Listener) -> Tagged:
    """What is seen in pictures; the device is held meanwhile.

    Raises:
        HostBusyError: another job of this process holds the device.
        MissingPackage: what runs the tagger is not installed.
        ModelFileError: one of its files is missing or cannot be used.
        OutOfMemory: a single picture is too much.
    """
    done, total = Tagged(), len(work.entries)
    said = _by_host(host, tagger, work, done) if isinstance(tagger, TaggerRef) else _by_files(host, tagger, work, done)
    listener.working(_WORK, 0, total)
    count = 0
    for count, (entry, seen) in enumerate(said, start=1):
        if seen is not None:
            done.seen[entry.id] = seen
        listener.working(_WORK, count, total)
    done.stopped = count < total
    return done


_Said = Iterator[tuple[Entry, Seen | None]]
"""Each entry with what is seen; None where the picture cannot be opened."""


def _by_files(host: Host, found: Found, work: Work, done: Tagged) -> _Said:
    with host.computing() as go_on:
        tagger = found.opened(str(host.device))
        seeing = Seeing(tagger.labels, tagger.usual_threshold, least_of(work.config))
        size, at = work.config.tag_batch_size or tagger.batch_size, 0
        while at < len(work.entries):
            if work.stop.is_set() or not go_on(at, len(work.entries)):
                return
            batch = work.entries[at : at + size]
            seen = _seen_of(tagger, seeing, batch, done)
            if seen is None:
                size = _half(size, found)
                continue
            yield from ((entry, seen.get(entry.id)) for entry in batch)
            at += len(batch)


def _seen_of(tagger: Tagger, seeing: Seeing, batch: Sequence[Entry], done: Tagged) -> dict[int, Seen] | None:
    """What is seen by id, or None where so many pictures at a time are too much for the device."""
    known = len(done.refused)
    opened = {entry.id: picture for entry in batch if (picture := _opened(entry, done)) is not None}
    if not opened:
        return {}
    try:
        scores = tagger.scores(list(opened.values()))
    except (RuntimeError, MemoryError) as error:
        if not is_short_of_memory(error):
            raise
        del done.refused[known:]  # they are opened again
        return None
    return {key: seeing(one) for key, one in zip(opened, scores, strict=True)}


def _half(size: int, found: Found) -> int:
    if size == 1:
        raise OutOfMemory(
            say("{name}: the device has too little memory for a single picture; close other programs, or choose a "
                "smaller tagger", name=found.name)
        )  # fmt: skip
    return size // 2


def _by_host(host: Host, ref: TaggerRef, work: Work, done: Tagged) -> _Said:
    opened: list[Entry] = []
    """The last one that the host took, behind those that could not be opened."""

    def pictures() -> Iterator[Image.Image]:
        for entry in work.entries:
            if work.stop.is_set():
                return
            opened.append(entry)
            if (picture := _opened(entry, done)) is not None:
                yield picture

    for answer in host.tag(ref.name, pictures()):
        *damaged, entry = opened
        opened.clear()
        yield from ((one, None) for one in damaged)
        yield entry, _seen_in(answer, least_of(work.config))
    yield from ((one, None) for one in opened)


def _seen_in(answer: Answer, least: float) -> Seen:
    if answer.sentence:
        return Seen(sentence=answer.sentence)
    scores = numpy.array(list(answer.scores.values()), dtype=numpy.float32)
    return _seeing(tuple(answer.scores), least)(scores)


@lru_cache(maxsize=2)
def _seeing(names: tuple[str, ...], least: float) -> Seeing:
    """DeepBooru's tags are of one kind, but for its ratings."""
    is_rating = (name.startswith(_RATING) for name in names)
    labels = [
        Label(name.removeprefix(_RATING), "rating" if rating else "general")
        for name, rating in zip(names, is_rating, strict=True)
    ]
    return Seeing(labels, _HOST_THRESHOLD, least)


def _opened(entry: Entry, done: Tagged) -> Image.Image | None:
    try:
        return open_picture(entry.path)
    except PictureError as error:
        done.refused.append(joined(": ", (entry.path.name, error.why)))
        return None
