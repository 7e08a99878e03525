"""What a tagger said of a picture, kept so that other thresholds can be tried without tagging anew."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy
from numpy.typing import NDArray

from lib_train.config.tagging import TaggingConfig
from lib_train.tagging.scores import tags_in
from lib_train.tagging.tagger import Label

LEAST = 0.01
"""Scores below it are not kept: nobody takes such tags, and a picture has ten thousand of them."""


class Seen(NamedTuple):
    """Of one picture."""

    labels: Sequence[Label] = ()
    scores: NDArray[numpy.float32] = numpy.zeros(0, numpy.float32)
    """(L,): of these labels."""
    usual: float = 0.0
    """Threshold where the settings have none."""
    sentence: str = ""
    """Instead of labels."""

    def tags(self, config: TaggingConfig, separator: str = ",") -> list[str]:
        """What becomes of it; see ``tags_in``. A sentence is one tag."""
        if self.sentence:
            return [self.sentence]
        return tags_in(self.scores, self.labels, config, self.usual, separator)


class Seeing:
    """Keeps of one tagger's scores what may count by some settings.

    Of each kind the highest score below ``least`` is kept too: the likeliest of a kind and its largest gap between
    scores stay what they were.

    Args:
        least: scores from it on are kept.
    """

    def __init__(self, labels: Sequence[Label], usual: float, least: float = LEAST) -> None:
        self._labels, self._usual, self._least = labels, usual, min(least, usual)
        kinds = numpy.array([label.category for label in labels])
        self._places = [numpy.flatnonzero(kinds == kind) for kind in dict.fromkeys(kinds.tolist())]

    def __call__(self, scores: NDArray[numpy.float32]) -> Seen:
        """Of one picture.

        Args:
            scores: (L,), of every label.
        """
        kept = scores >= numpy.float32(self._least)
        for places in self._places:
            below = places[~kept[places]]
            if below.size:
                kept[below[scores[below].argmax()]] = True
        places = numpy.flatnonzero(kept)
        return Seen([self._labels[place] for place in places], scores[places], self._usual)


def least_of(config: TaggingConfig) -> float:
    """What has to be kept for these settings."""
    general = LEAST if config.general_threshold is None else config.general_threshold
    return min(LEAST, general, config.character_threshold)
