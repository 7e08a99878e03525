"""What a person should know of pictures that can be used: one line for each thing."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.readings import has_escapes, has_weights, is_blank, is_json, other_reading
from lib_train.pictures.records import Fit, Picture
from lib_train.texts import say

_LEAST_KEPT = 0.5


@dataclass(frozen=True, kw_only=True)
class Found:
    """A usable picture with what was seen on the way."""

    picture: Picture
    animated: bool
    """Its file holds more than one picture."""
    captioned: bool
    """There is a caption file."""
    more_lines: bool
    """Whether the caption file has more than one line."""
    damaged: bool = False
    """Some of its file's metadata is damaged."""


def notes_on(found: Sequence[Found], config: DatasetConfig) -> list[str]:
    """One line for each thing that is not as it seems, with the count and an example."""
    wanted: tuple[tuple[str, Callable[[Found], bool]], ...] = (
        (say("animations, of which the first picture is used"), lambda one: one.animated),
        (say("captions of several lines, of which the first is used"), lambda one: one.more_lines),
        (say("pictures without a caption file, which get the name of their folder"),
         lambda one: not one.captioned and not one.picture.is_reg),
        (say("pictures with damaged metadata, which is left alone; their pixels are whole"), lambda one: one.damaged),
        (say("captions with escaped brackets, which are trained as brackets, as a prompt reads them"),
         lambda one: has_escapes(one.picture.caption)),
        (say("captions with weights or networks as in a prompt, such as (word:1.2), which are trained as text"),
         lambda one: has_weights(one.picture.caption)),
        (say("captions that are JSON, whose text is trained as it stands: write plain captions"),
         lambda one: is_json(one.picture.caption)),
    )  # fmt: skip
    by_text = [(text, [one.picture.path for one in found if test(one)]) for text, test in wanted]
    notes = [_line(text, paths) for text, paths in by_text if paths]
    doubtful = [(one.picture.path, reading) for one in found if (reading := other_reading(one.picture.caption))]
    if doubtful:
        path, reading = doubtful[0]
        notes.append(
            say("captions that may be in another encoding: {count}, such as that of {name}, which reads {reading}: "
                "save it as UTF-8", count=len(doubtful), name=path.name, reading=reading)
        )  # fmt: skip
    stems = Counter(one.picture.path.with_suffix("") for one in found)
    if shared := [stem for stem, count in stems.items() if count > 1]:
        notes.append(_line(say("pictures of one name but different endings, which share a caption"), shared))
    return notes + _lost_to_cropping([one.picture for one in found], config)


ONE_NOTES = (
    say("Smaller than its bucket: it is enlarged."),
    say("More than half of it is cut off: crop it yourself."),
    say("An animation: its first picture is used."),
    say("The caption has several lines: the first one is used."),
    say("There is no caption file: the folder's name is the caption."),
    say("Another picture has the same name with another ending: they share this caption."),
    say("Some of its metadata is damaged and left alone: its pixels are whole."),
    say("The caption is empty, or separators alone: nothing is trained as its text."),
    say("Escaped brackets in the caption are trained as brackets, as a prompt reads them."),
    say("Weights such as (word:1.2) in the caption are trained as text."),
    say("The caption is JSON, and its text is trained as it stands: write a plain one."),
    say("The caption may have been written in another encoding: look at it, and save it."),
)
"""Notes on one picture, in the order in which they are shown."""


def notes_on_one(found: Found, fit: Fit, shared: bool) -> list[str]:
    """Those of ``ONE_NOTES`` that hold for a picture.

    Args:
        shared: whether its caption is that of another picture too.
    """
    picture, (width, height), caption = found.picture, fit.resized, found.picture.caption
    holds = (
        width > picture.width and height > picture.height,
        _kept(fit) < _LEAST_KEPT,
        found.animated,
        found.more_lines,
        not found.captioned,
        shared,
        found.damaged,
        is_blank(caption),
        has_escapes(caption),
        has_weights(caption),
        is_json(caption),
        other_reading(caption) is not None,
    )
    return [note for note, true in zip(ONE_NOTES, holds, strict=True) if true]


def _kept(fit: Fit) -> float:
    """Share of the picture that is not cropped."""
    return fit.bucket[0] * fit.bucket[1] / (fit.resized[0] * fit.resized[1])


def _lost_to_cropping(pictures: Sequence[Picture], config: DatasetConfig) -> list[str]:
    bucketing = Bucketing(config)
    worst: tuple[float, str] = (1.0, "")
    count = 0
    for picture in pictures:
        fit = bucketing.fit(picture.width, picture.height)
        if (kept := _kept(fit)) < _LEAST_KEPT:
            count += 1
            size, bucket = f"{picture.width}x{picture.height}", f"{fit.bucket[0]}x{fit.bucket[1]}"
            example = say("{name} ({size}, of which {bucket} keeps {kept:.0%})",
                        name=picture.path.name, size=size, bucket=bucket, kept=kept)  # fmt: skip
            worst = min(worst, (kept, example))
    if not count:
        return []
    return [say("pictures that lose more than half to cropping: {count}, worst {worst}; cut them yourself",
                count=count, worst=worst[1])]  # fmt: skip


def _line(what: str, paths: Sequence[Path]) -> str:
    return say("{what}: {count}, such as {name}", what=what, count=len(paths), name=paths[0].name)
