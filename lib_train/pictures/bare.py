"""Pictures that are trained without a caption of their own."""

from collections.abc import Iterable
from dataclasses import dataclass

from lib_train.pictures.entry import Entry


@dataclass(frozen=True)
class Bare:
    """Training pictures without a caption, and what they are trained on instead."""

    pictures: int
    words: tuple[str, ...]
    """Names of their folders behind the repeats."""
    used: tuple[str, ...]
    """Those of the words that are tags of other pictures."""


def bare_in(entries: Iterable[Entry], separator: str) -> Bare:
    """Those among the pictures that are trained: their caption is empty or their folder's name."""
    trained = [one for one in entries if not (one.is_reg or one.left_out or one.problem or one.caption_problem)]
    bare = [one for one in trained if one.line in ("", _word(one))]
    words = dict.fromkeys(one.line for one in bare if one.line)
    numbers = {id(one) for one in bare}
    others = (one for one in trained if id(one) not in numbers and any(word in one.line for word in words))
    tags = {tag for one in others for tag in one.tags(separator)}
    return Bare(len(bare), tuple(words), tuple(word for word in words if word in tags))


def _word(entry: Entry) -> str:
    return entry.folder.partition("_")[2].strip()
