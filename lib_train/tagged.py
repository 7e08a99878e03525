"""Taggers that a host brings, and what they say of a picture."""

from collections.abc import Mapping
from typing import NamedTuple


class TaggerRef(NamedTuple):
    """A tagger that the host brings."""

    name: str
    """As ``Host.tag`` takes it."""
    title: str
    makes: str
    """"tags" or "sentence"."""
    missing: str = ""
    """Which file it lacks and where that belongs, as a sentence; empty when it can be used."""


class Tagged(NamedTuple):
    """What a tagger of the host says of a picture."""

    scores: Mapping[str, float]
    """From 0 to 1, of every tag that it knows, as the tagger writes it; empty for one that makes sentences."""
    sentence: str = ""
