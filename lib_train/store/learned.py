"""Runs that are over because they had learned, as stop_when_learned has it, and those that go on all the same.

run.json keeps the step with which a run was over, and that from which somebody let it go on.
"""

from lib_train.store.runs import Run

_LEARNED, _PASSED = "learned_step", "passed_step"


def keep_learned(run: Run) -> None:
    """Keep that it is over with its newest state."""
    run.keep(_LEARNED, run.state_step())


def has_learned(run: Run) -> bool:
    """Whether it is over because it had learned, and nobody has let it go on since."""
    facts, step = run.settings(), run.state_step()
    return step is not None and facts.get(_LEARNED) == step != facts.get(_PASSED)


def let_go_on(run: Run) -> None:
    """Keep that a run that had learned goes on all the same."""
    if has_learned(run):
        run.keep(_PASSED, run.state_step())


def passed_step(run: Run) -> int | None:
    """The step with which it was over, and from which it goes on all the same; None where that never was."""
    found = run.settings().get(_PASSED)
    return found if isinstance(found, int) else None
