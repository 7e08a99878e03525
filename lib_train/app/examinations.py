"""What the doctor found, remembered for the sets of pictures that were asked for last."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.pictures.binding import chosen_triggers
from lib_train.pictures.doctor.case import Case, Finding
from lib_train.pictures.doctor.examine import Examination
from lib_train.pictures.entry import Entry
from lib_train.pictures.places import Places

_REMEMBERED = 8


class Limits(NamedTuple):
    """What decides beside the settings of the pictures; see ``Case``."""

    batch_size: int = 1
    max_tokens: int | None = None
    around: int = 0


NO_LIMITS = Limits()


def limits_of(config: RunConfig, count_tokens: Callable[[list[str]], Sequence[int]]) -> Limits:
    """Those of a run.

    Args:
        count_tokens: of captions; may raise a TrainToolsError while no model can count them.
    """
    dataset, around = config.dataset, 0
    added = [text for text in (dataset.caption_prefix, dataset.caption_suffix) if text.strip()]
    if added:
        with suppress(TrainToolsError):
            around = sum(count_tokens([f"{text}{dataset.caption_separator}" for text in added]))
    return Limits(config.training.train_batch_size, config.training.max_token_length, around)


def case_of(entries: Sequence[Entry], dataset: DatasetConfig, places: Places, limits: Limits = NO_LIMITS) -> Case:
    """What the doctor is told of some pictures that lie at these places."""
    return Case(entries=entries, config=dataset, batch_size=limits.batch_size, max_tokens=limits.max_tokens,
                around=limits.around, triggers=chosen_triggers(places))  # fmt: skip


class Examinations:
    """Of the sets at some places."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Path, Examination] = OrderedDict()

    def findings(self, base: Path, case: Case) -> list[Finding]:
        """What is wrong, the worst first.

        Args:
            base: where the set lies; see ``Places``.
        """
        seen = self._seen.get(base)
        if seen is None or seen.entries != case.entries:  # the same ones are found to be so in microseconds
            seen = self._seen[base] = Examination(case.entries)
            self._seen.move_to_end(base)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return seen.findings(replace(case, entries=seen.entries))
