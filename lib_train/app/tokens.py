"""How many tokens captions have, each counted once."""

from collections.abc import Iterable, Mapping, Sequence

from lib_train.host.protocol import Host

_MOST = 100_000


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
