"""Which pictures are meant, and in which order they are shown."""

from collections.abc import Callable, Collection, Sequence

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import ConfigError, Problem
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.doctor.case import Finding
from lib_train.pictures.doctor.examine import CODES
from lib_train.pictures.doctor.likeness import alike
from lib_train.pictures.entry import Entry
from lib_train.pictures.masks import with_masks
from lib_train.pictures.places import Places
from lib_train.pictures.selection import selected
from lib_train.pictures.terms import Known
from lib_train.texts import say

Loss = Callable[[Entry], float | None]
_Key = Callable[[Entry], object]


class Choosing:
    """Among the pictures of a version.

    Args:
        entries: all of them.
        dataset: as a run takes it.
        findings: what the doctor finds wrong with them; asked for when a filter needs it.
        places: where their masks lie.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        dataset: DatasetConfig,
        findings: Callable[[], Sequence[Finding]],
        places: Places,
    ) -> None:
        self._entries, self._dataset, self._findings, self._places = entries, dataset, findings, places
        self._fit = Bucketing(dataset).fit
        separator = dataset.caption_separator.strip()
        self._keys: dict[str, _Key] = {
            "name": lambda one: (one.path.name.casefold(), str(one.path)),
            "size": lambda one: one.width * one.height,
            "sharpness": lambda one: one.sharpness,
            "tags": lambda one: len(one.tags(separator)),
            "tokens": lambda one: one.tokens or 0,
        }

    def chosen(self, text: str = "", ids: Collection[int] | None = None) -> list[Entry]:
        """Those that a filter means; see ``pictures/selection.py``.

        Args:
            ids: of these alone; None of all.

        Raises:
            TrainToolsError: the filter cannot be read, or an id is no picture's.
        """
        known = Known(separator=self._dataset.caption_separator.strip(), mark=self._dataset.keep_tokens_separator,
                      bucket=self._bucket, problems=lambda: CODES, having=self._having,
                      masked=lambda: with_masks(self._entries, self._places))  # fmt: skip
        return selected(self._entries, text, ids, known)

    def ordered(self, entries: Sequence[Entry], sort: str, loss: Loss = lambda entry: None) -> list[Entry]:
        """The entries by what ``sort`` names, a minus before it reverses; as they lie in the folders where it is empty.

        Args:
            loss: of a picture in the last run; None where it was in none.

        Raises:
            ConfigError: there is no such order.
        """
        name = sort.removeprefix("-")
        if name == "likeness":
            found = _side_by_side(entries)
        elif name == "loss":
            return _by_loss(entries, loss, reverse=sort.startswith("-"))
        elif name in self._keys:
            return sorted(entries, key=self._keys[name], reverse=sort.startswith("-"))  # type: ignore[arg-type]
        elif not name:
            found = list(entries)
        else:
            known = ", ".join((*self._keys, "likeness", "loss"))
            raise ConfigError([Problem("sort", sort, say("must be one of {known}", known=known))])
        return found[::-1] if sort.startswith("-") else found

    def _bucket(self, entry: Entry) -> tuple[int, int] | None:
        usable = entry.width and entry.height and not entry.problem
        return self._fit(entry.width, entry.height).bucket if usable else None

    def _having(self, code: str) -> set[int]:
        return {number for one in self._findings() if one.code == code for number in one.ids}


def _side_by_side(entries: Sequence[Entry]) -> list[Entry]:
    """Pictures that look alike one after the other, the sharpest first; before those that look like none."""
    groups = alike([entry for entry in entries if entry.likeness])
    grouped = [entry for group in groups for entry in group]
    rest = {entry.id for entry in grouped}
    return [*grouped, *(entry for entry in entries if entry.id not in rest)]


def _by_loss(entries: Sequence[Entry], loss: Loss, *, reverse: bool) -> list[Entry]:
    """Those that were in no run come last."""
    losses = [(loss(entry), entry) for entry in entries]
    known = [(found, entry) for found, entry in losses if found is not None]
    ordered = [entry for _, entry in sorted(known, key=lambda one: one[0], reverse=reverse)]
    return [*ordered, *(entry for found, entry in losses if found is None)]
