"""The WebUI's prompt syntax: emphasis, BREAK, and chunks of 75 tokens. Text and numbers only."""

import re
from collections.abc import Callable, Sequence

CHUNK = 75
_BACKTRACK = 20  # a chunk may end at a comma this many tokens back, the WebUI's default
_TOKEN = re.compile(r"\\[()\[\]\\]|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()\[\]:]+|:")

Weighted = list[tuple[str, float]]
Chunk = list[tuple[int, float]]
"""Up to 75 token ids with their weights."""


def weighted_parts(prompt: str) -> Weighted:
    """The prompt cut into texts with their weights.

    ``(x)`` weighs 1.1, ``((x))`` 1.21, ``[x]`` 1 / 1.1, ``(x:1.3)`` 1.3; ``\\(`` is a plain bracket.

    >>> weighted_parts("a (red:1.5) [cat]")
    [('a ', 1.0), ('red', 1.5), (' ', 1.0), ('cat', 0.9090909090909091)]
    """
    parts: list[list[object]] = []
    rounds: list[int] = []
    squares: list[int] = []

    def weigh(start: int, factor: float) -> None:
        for part in parts[start:]:
            part[1] = float(part[1]) * factor  # type: ignore[arg-type]

    for match in _TOKEN.finditer(prompt):
        text, weight = match[0], match[1]
        if text.startswith("\\") and len(text) == 2:
            parts.append([text[1], 1.0])
        elif text == "(":
            rounds.append(len(parts))
        elif text == "[":
            squares.append(len(parts))
        elif weight is not None and rounds:
            weigh(rounds.pop(), float(weight))
        elif text == ")" and rounds:
            weigh(rounds.pop(), 1.1)
        elif text == "]" and squares:
            weigh(squares.pop(), 1 / 1.1)
        else:
            parts.append([text, 1.0])
    for start in rounds:
        weigh(start, 1.1)
    for start in squares:
        weigh(start, 1 / 1.1)
    merged: Weighted = []
    for text, weight in ((str(t), float(w)) for t, w in parts):  # type: ignore[arg-type]
        if merged and merged[-1][1] == weight:
            merged[-1] = merged[-1][0] + text, weight
        else:
            merged.append((text, weight))
    return merged or [("", 1.0)]


def chunks_of(prompt: str, tokenize: Callable[[str], Sequence[int]], comma: int) -> list[Chunk]:
    """The prompt's tokens in chunks of at most 75; ``BREAK`` begins a new one.

    Args:
        tokenize: text -> ids, without begin and end.
        comma: id of the comma, at which a chunk rather ends.
    """
    done: list[Chunk] = []
    chunk: Chunk = []
    last_comma = -1

    def close() -> None:
        nonlocal chunk, last_comma
        done.append(chunk)
        chunk, last_comma = [], -1

    for text, weight in weighted_parts(prompt):
        for place, piece in enumerate(re.split(r"\s*\bBREAK\b\s*", text)):
            if place:
                close()
            for token in tokenize(piece):
                if token == comma:
                    last_comma = len(chunk)
                elif len(chunk) == CHUNK and last_comma != -1 and len(chunk) - last_comma <= _BACKTRACK:
                    moved = chunk[last_comma + 1 :]
                    del chunk[last_comma + 1 :]
                    close()
                    chunk = moved
                if len(chunk) == CHUNK:
                    close()
                chunk.append((token, weight))
    if chunk or not done:
        close()
    return done
