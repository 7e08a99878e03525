"""From the scores of a picture to its tags."""

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

from lib_train.config.tagging import TaggingConfig
from lib_train.pictures.emoticons import spaced
from lib_train.pictures.terms import same_tag
from lib_train.tagging.tagger import Label

_NAMES = ("character", "copyright", "artist")
_LEAST_OF_NAMES = 0.15
"""Where the threshold is looked for in the scores themselves."""
_BY_RANK = ("quality", "rating")
"""Kinds of which a picture has one: the likeliest."""


def tags_in(
    scores: NDArray[numpy.float32], labels: Sequence[Label], config: TaggingConfig, usual: float, separator: str = ","
) -> list[str]:
    """A picture's tags, from the surest to the least, the rating last.

    Args:
        scores: (L,) from 0 to 1.
        usual: threshold where the settings have none.
        separator: of the caption's tags, which none of them may hold.
    """
    by_category: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        by_category.setdefault(label.category, []).append(place)
    general = usual if config.general_threshold is None else config.general_threshold
    chosen: list[int] = []
    for category in config.tag_categories:
        chosen += _above(scores, by_category.get(category, []), category, general, config)
    chosen.sort(key=lambda place: (-float(scores[place]), place))
    if config.keep_rating:
        chosen += _likeliest(scores, by_category.get("rating", []))
    written = (_written(labels[place].name, config, separator) for place in chosen)
    unwanted = {same_tag(tag) for tag in config.exclude_tags}
    return list(dict.fromkeys(tag for tag in written if tag and same_tag(tag) not in unwanted))


def mcut(scores: NDArray[numpy.float32]) -> float:
    """The middle of the largest gap between scores that follow each other by size; 1 for fewer than two.

    Source: Largeron et al. 2012, MCut, as the WD taggers' demonstration uses it.
    """
    if len(scores) < 2:
        return 1.0
    ordered = numpy.sort(scores)[::-1].astype(float)
    widest = int((ordered[:-1] - ordered[1:]).argmax())
    return float(ordered[widest] + ordered[widest + 1]) / 2


def _above(
    scores: NDArray[numpy.float32], places: Sequence[int], category: str, general: float, config: TaggingConfig
) -> list[int]:
    if category in _BY_RANK:
        return _likeliest(scores, places)
    is_name = category in _NAMES
    threshold = config.character_threshold if is_name else general
    if config.mcut:
        threshold = mcut(scores[list(places)])
        threshold = max(threshold, _LEAST_OF_NAMES) if is_name else threshold
    return [place for place in places if scores[place] >= numpy.float32(threshold)]


def _likeliest(scores: NDArray[numpy.float32], places: Sequence[int]) -> list[int]:
    return [max(places, key=lambda place: scores[place])] if places else []


def _written(name: str, config: TaggingConfig, separator: str) -> str:
    """The tag as it stands in a caption. Brackets stay as they are: captions are no prompts."""
    text = name if config.keep_underscores else spaced(name)
    return " ".join(text.replace(separator, " ").split())
