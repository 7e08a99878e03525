"""How often each picture counts in an epoch."""

from collections.abc import Sequence

from lib_train.dataset.records import Picture, Use


def uses_of(pictures: Sequence[Picture]) -> list[Use]:
    """All uses of an epoch: training pictures by their repeats, regularisation pictures until there are as many.

    Each regularisation picture counts its repeats, then once more in turn; surplus ones are left out.
    """
    train = [(i, picture.repeats) for i, picture in enumerate(pictures) if not picture.is_reg]
    wanted = sum(repeats for _, repeats in train)
    counts = dict.fromkeys((i for i, picture in enumerate(pictures) if picture.is_reg), 0)
    left = wanted
    for index in counts:
        counts[index] = min(pictures[index].repeats, left)
        left -= counts[index]
    while left and counts:
        for index in counts:
            counts[index] += bool(left)
            left -= bool(left)
    return [Use(index=i, number=n) for i, count in [*train, *counts.items()] for n in range(count)]


def used(pictures: Sequence[Picture]) -> list[int]:
    """Places of the pictures that an epoch uses at all."""
    return sorted({use.index for use in uses_of(pictures)})
