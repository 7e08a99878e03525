"""Which pictures of two lists are the same. Pure."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def paired(
    before: Iterable[Item], now: Iterable[Item], keys: Sequence[Callable[[Item], Hashable]]
) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs that have the first key in common, of the others those with the second, and so on; then what is left of
    either side, in its order.

    >>> paired(["cat", "dog"], ["god", "cow", "cat"], [str, lambda word: "".join(sorted(word))])
    ([('cat', 'cat'), ('dog', 'god')], [], ['cow'])
    """
    pairs: list[tuple[Item, Item]] = []
    old, new = list(before), list(now)
    for key in keys:
        there: dict[Hashable, list[int]] = {}
        for place, one in enumerate(new):
            there.setdefault(key(one), []).append(place)
        left, taken = [], set()
        for one in old:
            if places := there.get(key(one)):
                pairs.append((one, new[places[0]]))
                taken.add(places.pop(0))
            else:
                left.append(one)
        old, new = left, [one for place, one in enumerate(new) if place not in taken]
    return pairs, old, new
