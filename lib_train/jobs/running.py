"""The loop of one run: events to sinks, requests between two steps, errors in words."""

import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from threading import Event as Flag
from typing import Any

from lib_train.errors import OutOfMemory, TrainToolsError, is_short_of_memory
from lib_train.host.protocol import BaseModel
from lib_train.jobs.listener import Listener
from lib_train.jobs.wishes import Wishes
from lib_train.texts import say
from lib_train.training.events import Event, RunStarted, StateReady, StepDone
from lib_train.training.trainer import Trainer

Sink = Callable[[Event], Iterable[Event] | None]

TO_TRAIN_WITH_LESS = say(
    "lower train_batch_size or resolution, set gradient_checkpointing, or close other programs; then resume the run"
)
TO_DRAW_WITH_LESS = say("lower preview_width and preview_height, or close other programs")
_LONGEST_DELAY = 0.1  # seconds: longest delay before a pause ends


class Loop:
    """Runs the steps of one run: passes events to every sink, handles requests between steps.

    Args:
        sinks: called with each event; the events that one returns go to every sink after it. None relies on the order
            of the others.
        state_due: called before each step; returns whether to keep a state now, beside those of the plan.
        look: called before each step and while it is paused; adds wishes of other processes.
        passed: the step with which the run was over once because it had learned, where it goes on all the same.
    """

    def __init__(
        self,
        trainer: Trainer,
        model: BaseModel,
        sinks: Iterable[Sink],
        wishes: Wishes,
        listener: Listener,
        state_due: Callable[[], bool] = lambda: False,
        look: Callable[[], object] = lambda: None,
        passed: int | None = None,
    ) -> None:
        self._trainer, self._model, self._sinks = trainer, model, tuple(sinks)
        self._wishes, self._listener, self._state_due, self._look = wishes, listener, state_due, look
        self._passed = passed
        self.learned = False
        """Whether it ended because the loss of the fixed batch had come to rest."""

    def run_to_end(self) -> bool:
        """Train until the run is finished, or a person or the host stops it.

        Returns:
            Whether the run is finished.

        Raises:
            BaseModelChanged: the host's model changed under the run, before a step, in it or in a pause.
        """
        done = 0
        with closing(self._trainer.events()) as events:
            try:
                for event in events:
                    self._publish(event)
                    if isinstance(event, RunStarted) and self._has_learned():  # and was killed before it was over
                        self._publish(*self._trainer.save_now())
                        return False
                    going = True
                    if isinstance(event, StepDone):
                        done = event.step
                        going = self._host_allows_more(done)
                    if going and self._ends_step(event):
                        if self._state_due():
                            self._publish(*self._trainer.keep_now())
                        self._handle_requests()
                        if self._is_enough():
                            return False
                    if self._wishes.stop.is_set() or not going:
                        self._publish(*self._trainer.settle())
                        return False
            except RuntimeError:
                self._host_allows_more(done)  # a model that was moved away in mid-step says so here
                raise
        return True

    def _publish(self, *events: Event) -> None:
        waiting = deque(events)
        while waiting:
            event = waiting.popleft()
            waiting.extendleft(reversed([further for sink in self._sinks for further in sink(event) or ()]))

    def _host_allows_more(self, step: int) -> bool:
        return self._model.between_steps(step, self._trainer.plan.total_steps, self._trainer.paused)

    def _ends_step(self, event: Event) -> bool:
        """Whether ``event`` is the last one of its step, and another step follows."""
        plan, step = self._trainer.plan, self._trainer.step
        last = StateReady if plan.keeps_state_after(step) else StepDone
        return isinstance(event, last) and step < plan.total_steps

    def _is_enough(self) -> bool:
        """Whether the run should end with this epoch, which is over; a checkpoint of it is kept then."""
        if not self._trainer.plan.ends_epoch(self._trainer.step):
            return False
        if not (self._has_learned() or self._wishes.last_epoch.is_set()):
            return False
        self._publish(*self._trainer.save_now())
        return True

    def _has_learned(self) -> bool:
        """Whether the loss of the fixed batch came to rest in the epoch that the present step ends."""
        plan, step, fixed = self._trainer.plan, self._trainer.step, self._trainer.fixed
        if fixed and plan.ends_epoch(step) and step not in (self._passed, plan.total_steps):
            self.learned = fixed.learned_in(plan, step)
        return self.learned

    def _handle_requests(self) -> None:
        """Make requested checkpoints and samples, and pause as long as requested."""
        wishes = self._wishes
        self._look()
        while not wishes.stop.is_set():
            if wishes.sample.is_set() or wishes.save.is_set():
                wishes.save.clear()
                self._publish(*self._trainer.save_now())
            elif wishes.should_pause():
                self._pause()
            else:
                return

    def _pause(self) -> None:
        try:
            with self._trainer.paused(), self._model.set_aside() as require_same:
                self._listener.paused(True)
                while self._wishes.should_pause():
                    require_same()
                    self._look()
                    time.sleep(_LONGEST_DELAY)
        finally:
            self._listener.paused(False)


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
def freeing_memory() -> Iterator[None]:
    """Free the tensors in the frames of the traceback of an error that leaves the block.

    Otherwise the activations of the failed step stay on the device as long as the error is referenced.
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
def reporting_errors(keep: Callable[[str], object], remedy: str = TO_TRAIN_WITH_LESS) -> Iterator[None]:
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
            details = str(error).splitlines()[0] if str(error) else say("no details")
            raise OutOfMemory(
                say("the device ran out of memory ({details}): {remedy}", details=details, remedy=remedy)
            ) from error
        raise
