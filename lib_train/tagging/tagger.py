"""What a tagger is, whatever it is made of."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy
from numpy.typing import NDArray
from PIL import Image

Scores = NDArray[numpy.float32]
"""(B, L): for each picture the score of every label, from 0 to 1."""


class Label(NamedTuple):
    """One thing that a tagger knows."""

    name: str
    """As the tagger writes it, with underscores."""
    category: str
    """"general", "character", "copyright", "artist", "meta", "model", "quality" or "rating"."""


class Tagger(Protocol):
    """A loaded tagger."""

    labels: Sequence[Label]
    batch_size: int
    """Pictures that it takes best at a time."""
    usual_threshold: float
    """Score from which on a general tag usually counts."""

    def scores(self, pictures: Sequence[Image.Image]) -> Scores:
        """Scores of RGB pictures of any size."""
