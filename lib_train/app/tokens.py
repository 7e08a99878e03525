"""How many tokens captions have, each counted once; and where so many end."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from lib_train.config.dataset import DatasetConfig
from lib_train.host.protocol import Host
from lib_train.pictures.captions import compose, steady

_MOST = 100_000
_CHUNK = 75
"""Tokens that a text encoder reads at once."""


class Tokens:
    """Counts as the host does. All models that are trained here have the same vocabulary of tokens."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._known: Mapping[str, int] = {}

    def of(self, captions: Sequence[str]) -> list[int]:
        """Tokens of each caption, without begin and end.

        Raises:
            TrainToolsError: the host cannot count them now.
        """
        if new := [caption for caption in dict.fromkeys(captions) if caption not in self._known]:
            kept = self._known if len(self._known) < _MOST else {}
            self._known = {**kept, **dict(zip(new, self._host.count_tokens(new), strict=True))}
        return [self._known[caption] for caption in captions]

    def known(self, captions: Iterable[str]) -> dict[str, int]:
        """Those that were counted already."""
        return {caption: self._known[caption] for caption in captions if caption in self._known}


def marks_in(parts: Sequence[str], dataset: DatasetConfig, host: Host) -> tuple[int, list[tuple[int, int]]]:
    """Tokens of a caption as it is trained, and where each full 75 of them end.

    Args:
        parts: of its line, in their order: tags or words, with what stands between them.

    Returns:
        The tokens, and pairs of a multiple of 75 with the number of the part in which that many are passed: the number
        of parts where what the settings put behind the caption passes it.

    Raises:
        TrainToolsError: the host cannot count them now.
    """
    trained = steady(dataset)
    open_ended = replace(trained, caption_suffix="")

    def tokens(end: int, config: DatasetConfig = open_ended) -> int:
        return host.count_tokens([compose("".join(parts[:end]), config, Random(0), 1)])[0]

    total = tokens(len(parts), trained)
    ends = range(1, len(parts) + 1)
    return total, [(most, bisect_right(ends, most, key=tokens)) for most in range(_CHUNK, total, _CHUNK)]
