"""Run one job and hand its events on; stop it between two steps; say in words why it failed."""

import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from threading import Event as Flag
from typing import Any

from lib_train.errors import OutOfMemory, TrainToolsError, is_short_of_memory
from lib_train.host.protocol import BaseModel
from lib_train.jobs.listener import Listener
from lib_train.jobs.wishes import Wishes
from lib_train.training.events import Event, StateReady, StepDone
from lib_train.training.trainer import Trainer

Sink = Callable[[Event], None]

TO_TRAIN_WITH_LESS = (
    "lower train_batch_size or resolution, set gradient_checkpointing, or close other programs; then resume the run"
)
TO_DRAW_WITH_LESS = "lower preview_width and preview_height, or close other programs"
_LOOK_SECONDS = 0.1  # so soon a pause ends after somebody wants it to


def pump(
    trainer: Trainer,
    model: BaseModel,
    sinks: Iterable[Sink],
    wishes: Wishes,
    listener: Listener,
    state_due: Callable[[], bool] = lambda: False,
) -> bool:
    """Give each event to every sink, in order, until the run ends, or somebody or the host wants it to stop.

    Args:
        state_due: asked before each step whether a state is wanted now, beside those of the plan.

    Returns:
        Whether the run came to its end.

    Raises:
        BaseModelChanged: the host's model changed under the run, before a step, in it or in a pause.
    """
    sinks, done, total = list(sinks), 0, trainer.plan.total_steps

    def give(events: Iterable[Event]) -> None:
        for event in events:
            for sink in sinks:
                sink(event)

    with closing(trainer.events()) as events:
        try:
            for event in events:
                give([event])
                going = True
                if isinstance(event, StepDone):
                    done = event.step
                    going = model.between_steps(done, total, trainer.paused)
                if going and _before_a_step(event, trainer):
                    if state_due():
                        give(trainer.keep_now())
                    _grant(trainer, model, wishes, listener, give)
                if wishes.stop.is_set() or not going:
                    give(trainer.settle())
                    return False
        except RuntimeError:
            model.between_steps(done, total, trainer.paused)  # a model that was moved away in mid-step says so here
            raise
    return True


def _before_a_step(event: Event, trainer: Trainer) -> bool:
    """Whether everything that the plan wants after the last step is done, and a step follows."""
    due = trainer.plan.keeps_state_after(trainer.step)
    return isinstance(event, StateReady if due else StepDone) and trainer.step < trainer.plan.total_steps


def _grant(
    trainer: Trainer, model: BaseModel, wishes: Wishes, listener: Listener, give: Callable[[Iterable[Event]], None]
) -> None:
    """Show the present weights, and stand still, as often and as long as somebody wants it."""
    while not wishes.stop.is_set():
        if wishes.sample.is_set():
            give(trainer.save_now())
        elif wishes.rests():
            try:
                with trainer.paused(), model.set_aside() as require_same:
                    listener.paused(True)
                    while wishes.rests():
                        require_same()
                        time.sleep(_LOOK_SECONDS)
            finally:
                listener.paused(False)
        else:
            return


@contextmanager
def stopping_on_signals(stop: Flag) -> Iterator[None]:
    """While entered, Ctrl-C (and SIGTERM) sets ``stop``; a second one ends the process at once."""

    def on_signal(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def memory_given_back() -> Iterator[None]:
    """Have an error that leaves the block let go of the tensors in its traceback's frames.

    Else the activations of a step that failed stay on the device as long as somebody holds the error.
    """
    try:
        yield
    except Exception as error:
        link: BaseException | None = error
        while link is not None:
            traceback.clear_frames(link.__traceback__)
            link = link.__cause__ or link.__context__
        raise


@contextmanager
def told_in_words(keep: Callable[[str], object], remedy: str = TO_TRAIN_WITH_LESS) -> Iterator[None]:
    """Turn running out of memory into advice, and give ``keep`` the traceback of whatever ends the block.

    Args:
        remedy: what needs less memory.

    Raises:
        OutOfMemory: the device's memory did not suffice.
    """
    try:
        yield
    except TrainToolsError as error:
        keep(f"{error}\n")
        raise
    except Exception as error:
        keep(traceback.format_exc())
        if is_short_of_memory(error):
            raise OutOfMemory(
                f"the device ran out of memory ({str(error).splitlines()[0] if str(error) else 'no details'}): {remedy}"
            ) from error
        raise
