"""How much of an epoch each folder of pictures gets."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib_train.dataset.uses import counts_of
from lib_train.pictures.records import Picture


@dataclass(frozen=True, kw_only=True)
class Share:
    """Of one folder."""

    folder: Path
    title: str
    """The folder's name, ``<repeats>_<name>``."""
    is_reg: bool
    pictures: int
    repeats: int
    """As the folder's name says."""
    uses: int
    """In an epoch: pictures times repeats; of regularisation pictures as many as fill it up."""
    share: float
    """Part of all uses in an epoch, 0 to 1."""


def shares_of(pictures: Sequence[Picture]) -> list[Share]:
    """One for each folder, those of training first, in their order."""
    counts = counts_of(pictures)
    found: dict[tuple[bool, Path], list[int]] = defaultdict(list)
    for index, picture in enumerate(pictures):
        found[picture.is_reg, picture.path.parent].append(index)
    total = sum(counts.values())
    shares = []
    for (is_reg, folder), indices in sorted(found.items(), key=lambda one: one[0][0]):
        first, uses = pictures[indices[0]], sum(counts[index] for index in indices)
        shares.append(Share(folder=folder, title=first.folder, is_reg=is_reg, pictures=len(indices),
                            repeats=first.repeats, uses=uses, share=uses / total if total else 0.0))  # fmt: skip
    return shares
