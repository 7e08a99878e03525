"""The WebUI's prompt syntax: emphasis, BREAK, and chunks of 75 tokens. Text and numbers only."""

import re
from collections.abc import Callable, Sequence

CHUNK = 75
_BACKTRACK = 20  # a chunk may end at a comma this many tokens back, the WebUI's default
_TOKEN = re.compile(r"\\[()\[\]\\]|\\|\(|\[|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)|\)|\]|[^\\()\[\]:]+|:")

Weighted = list[tuple[str, float]]
Chunk = list[tuple[int, float]]
"""Up to 75 token ids with their weights."""


def weighted_parts(prompt: str) -> Weighted:
    """The prompt cut into texts with their weights.

    ``(x)`` weighs 1.1, ``((x))`` 1.21, ``[x]`` 1 / 1.1, ``(x:1.3)`` 1.3; ``\\(`` is a plain bracket. A bracket that is
    never closed weighs to the end; one that was never opened is text.

    >>> weighted_parts("a (red:1.5) [cat]")
    [('a ', 1.0), ('red', 1.5), (' ', 1.0), ('cat', 0.9090909090909091)]
    """
    texts: list[str] = []
    weights: list[float] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}

    def weigh(bracket: str, factor: float) -> None:
        for place in range(opened[bracket].pop(), len(weights)):
            weights[place] *= factor

    for match in _TOKEN.finditer(prompt):
        text, weight = match[0], match[1]
        if text in opened:
            opened[text].append(len(texts))
        elif weight is not None and opened["("]:
            weigh("(", float(weight))
        elif text == ")" and opened["("]:
            weigh("(", 1.1)
        elif text == "]" and opened["["]:
            weigh("[", 1 / 1.1)
        else:
            texts.append(text[1:] if text.startswith("\\") else text)
            weights.append(1.0)
    for bracket, factor in (("(", 1.1), ("[", 1 / 1.1)):
        while opened[bracket]:
            weigh(bracket, factor)
    merged: Weighted = []
    for text, own in zip(texts, weights, strict=True):
        if merged and merged[-1][1] == own:
            text = merged.pop()[0] + text
        merged.append((text, own))
    return merged or [("", 1.0)]


def caption_chunks(caption: str, tokenize: Callable[[str], Sequence[int]], most: int, weighted: bool) -> list[Chunk]:
    """A caption's tokens, at most ``most``, in chunks of 75 however its commas lie.

    Args:
        tokenize: text -> ids, without begin and end.
        weighted: whether brackets weigh words; else all weigh 1 and brackets are text.
    """
    parts = weighted_parts(caption) if weighted else [(caption, 1.0)]
    tokens = [(token, weight) for text, weight in parts for token in tokenize(text)][:most]
    return [tokens[place : place + CHUNK] for place in range(0, max(1, len(tokens)), CHUNK)]


def unweighted(caption: str) -> str:
    """A caption without the brackets that weigh its words.

    >>> unweighted("a (red:1.5) [cat]")
    'a red cat'
    """
    return "".join(text for text, _ in weighted_parts(caption))


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
