"""A choice of folders with what was seen of it last."""

from collections.abc import Iterator

from lib_train.pictures.shelves import Seen, Shelf, Slot
from lib_train.pictures.stock import Part, Stock


class Followed:
    """What a catalog holds of one choice of folders."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.seen = shelf, Seen((), {})
        self.parts: tuple[Part, ...] = ()
        self.stock: Stock | None = None
        self.stale = True

    def parts_by_slot(self) -> Iterator[Part | None]:
        """The last part of each slot, or None, in their order."""
        if len(self.parts) == len(self.seen.slots) and all(map(_is_slot, self.parts, self.seen.slots)):
            return iter(self.parts)
        known = {part.slot: part for part in self.parts}
        return map(known.get, self.seen.slots)


def _is_slot(part: Part, slot: Slot) -> bool:
    return part.slot is slot
