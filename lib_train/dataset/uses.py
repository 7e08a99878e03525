"""How often each picture counts in an epoch."""

from collections.abc import Sequence

from lib_train.dataset.records import Use
from lib_train.pictures.records import Picture


def counts_of(pictures: Sequence[Picture]) -> dict[int, int]:
    """Number of uses in an epoch by the picture's index: the repeats of a training picture.

    Regularisation pictures get as many uses as training pictures have together: each its repeats, then one more in
    turn; surplus ones get 0.
    """
    train = {i: picture.repeats for i, picture in enumerate(pictures) if not picture.is_reg}
    counts = dict.fromkeys((i for i, picture in enumerate(pictures) if picture.is_reg), 0)
    left = sum(train.values())
    for index in counts:
        counts[index] = min(pictures[index].repeats, left)
        left -= counts[index]
    rounds, rest = divmod(left, len(counts)) if counts else (0, 0)
    return train | {index: count + rounds + (place < rest) for place, (index, count) in enumerate(counts.items())}


def uses_of(pictures: Sequence[Picture]) -> list[Use]:
    """All uses of an epoch, picture by picture, those of training first."""
    return [Use(index=i, number=n) for i, count in counts_of(pictures).items() for n in range(count)]


def used(pictures: Sequence[Picture]) -> list[int]:
    """Indices of the pictures that an epoch uses at least once, ascending."""
    return sorted(index for index, count in counts_of(pictures).items() if count)
