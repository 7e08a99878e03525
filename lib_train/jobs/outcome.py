"""How a run ended."""

from dataclasses import dataclass
from pathlib import Path

from lib_train.store.runs import Run


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    run: Run
    finished: bool
    checkpoints: tuple[Path, ...]
    """Existing checkpoint files of the run, oldest first."""
    grids: tuple[Path, ...] = ()
