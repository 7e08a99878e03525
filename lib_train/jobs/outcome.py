"""How a run ended."""

from dataclasses import dataclass
from pathlib import Path

from lib_train.store.learned import has_learned
from lib_train.store.runs import Run


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    run: Run
    finished: bool
    checkpoints: tuple[Path, ...]
    """Existing checkpoint files of the run, oldest first."""
    grids: tuple[Path, ...] = ()
    learned: bool = False
    """Whether it ended early because it had learned: see stop_when_learned."""

    @property
    def over(self) -> bool:
        """Whether nothing of it is left to do: it came to its end, or has learned."""
        return self.finished or self.learned


def of_learned(run: Run) -> Outcome | None:
    """How a run ended that is over because it had learned; None for any other."""
    return Outcome(run, False, run.checkpoints(), learned=True) if has_learned(run) else None
