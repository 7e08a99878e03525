"""A listener that keeps the job's state for any number of browsers to read."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lib_train.error_json import error_json, without_root
from lib_train.smoothing import Smoothed
from lib_train.store.curves import FIXED, Curve, Curves, step_values, validation_values
from lib_train.texts import joined, say, with_texts
from lib_train.training.events import Event, FixedLoss, RunStarted, StepDone, Validated
from lib_train.training.plan import TrainPlan

_SPEED_STEPS = 30  # the speed is that of the last so many steps
_MESSAGES = 50
_UNITS = {"speed": "steps_per_second", "eta": "seconds_left", "what": "work", "done": "work_done",
          "total": "work_total", "job": "number"}  # fmt: skip
LATER = 2**63
"""A step that no run reaches."""


class Status:
    """See ``Listener``. Written by the job's thread, read by others."""

    def __init__(self, root: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._root, self._clock = root, clock
        self._lock = threading.Lock()
        self._messages: deque[str] = deque(maxlen=_MESSAGES)
        self._facts: dict[str, Any] = {"phase": "idle"}
        self._curves = Curves()
        self._loss = Smoothed()
        self._times: deque[tuple[int, float]] = deque(maxlen=_SPEED_STEPS)
        self._away: tuple[float, float] | None = None  # from when to when no step was computed
        self._work = 0, 0.0, 0.0  # how much was done when it began, when that was, and when it was told of last
        self._changes = self._jobs = 0

    def begin(self, kind: str, project: str, version: str) -> None:
        """A job starts; see ``Job.kind``."""
        with self._lock:
            self._jobs += 1
            self._facts = {
                "phase": "starting", "kind": kind, "project": project, "version": version, "job": self._jobs
            }  # fmt: skip
            self._curves, self._loss, self._changes = Curves(), Smoothed(), self._changes + 1
            self._times.clear()
            self._away = None
            self._messages.clear()

    def end(self, phase: str, text: str = "", error: BaseException | None = None) -> None:
        """The job is over: "finished", "stopped" or "failed"."""
        with self._lock:
            self._facts.update(phase=phase, what="", outcome=without_root(text, self._root))
            self._facts.pop("live", None)
            if error is not None:
                self._facts["error"] = error_json(error, self._root)
            self._changes += 1
        if text:
            self.message(text)

    def ending(self) -> dict[str, str]:
        """Project, version, phase and text of the job that ended."""
        with self._lock:
            facts = self._facts
            text = facts.get("error", {}).get("message") or facts.get("outcome", "")
            return {name: str(facts[name]) for name in ("project", "version", "phase")} | {"text": text}

    def message(self, text: str) -> None:
        with self._lock:
            self._messages.append(joined("  ", (time.strftime("%H:%M:%S"), without_root(text, self._root))))

    def working(self, what: str, done: int, total: int) -> None:
        with self._lock:
            self._note_time_away()
            now, before = self._clock(), self._facts
            if before["phase"] != "working" or before.get("what") != what or done <= before["done"]:
                self._work = done, now, now
            self._work = (*self._work[:2], now)
            self._facts.update(phase="working", what=what, done=done, total=total)

    def resumed(self, curves: Mapping[str, Curve]) -> None:
        with self._lock:
            for name, curve in curves.items():
                for step, value in zip(*curve, strict=True):
                    self._keep(name, step, value)

    def trained(self, event: Event, plan: TrainPlan) -> None:
        with self._lock:
            if isinstance(event, RunStarted):
                self._facts.update(phase="training", step=event.first_step - 1, total_steps=plan.total_steps,
                                   epoch=plan.epoch_of(event.first_step), epochs=plan.epochs)  # fmt: skip
                self._times.append((event.first_step - 1, self._clock()))
            elif isinstance(event, StepDone):
                self._facts.update(phase="training", step=event.step, epoch=event.epoch)
                for name, value in step_values(event.loss, event.lr):
                    self._keep(name, event.step, value)
                self._leave_out_time_away()
                self._times.append((event.step, self._clock()))
            elif isinstance(event, FixedLoss):
                self._keep(FIXED, event.step, event.loss)
            elif isinstance(event, Validated):
                self._note_time_away()
                for name, value in validation_values(event.on, event.off):
                    self._keep(name, event.step, value)

    def offered(self, name: str) -> None:
        with self._lock:
            self._facts["live"] = name

    def paused(self, on: bool) -> None:
        with self._lock:
            self._note_time_away()
            self._facts.update(phase="paused" if on else "training")

    def _note_time_away(self) -> None:
        if self._times:
            self._away = self._times[-1][1], self._clock()

    def _keep(self, name: str, step: int, value: float) -> None:
        if self._curves.add(name, step, value) and name == "loss":
            self._facts["loss"] = self._loss.add(value)

    def _leave_out_time_away(self) -> None:
        """Exclude the time of pictures and pauses between steps from the speed."""
        if self._away is not None:
            left, back = self._away
            self._times = deque(((step, at + back - left) for step, at in self._times), maxlen=_SPEED_STEPS)
            self._away = None

    def file_written(self, path: Path) -> None:
        with self._lock:
            self._changes += 1
            if path.suffix == ".png":
                self._facts["picture"] = str(path)
        if path.suffix == ".safetensors":
            self.message(say("saved {name}", name=path.name))

    def ended(self) -> None: ...

    def job(self) -> dict[str, Any]:
        """The job's state, as JSON values; names tell units."""
        return self.job_and_curves(LATER)[0]

    def job_and_curves(self, since: int) -> tuple[dict[str, Any], dict[str, Curve]]:
        """As ``job``, and the curves of the same job by name: steps after ``since``."""
        with self._lock:
            facts = self._now()
            curves = self._curves.since(since)
        if "picture" in facts:
            facts["picture"] = without_root(facts["picture"], self._root)
        return with_texts({_UNITS.get(name, name): value for name, value in facts.items()}), curves

    def _now(self) -> dict[str, Any]:
        facts = dict(self._facts)
        facts["messages"], facts["changes"] = list(self._messages), self._changes
        if len(self._times) > 1 and facts["phase"] == "training":
            (first, begun), (last, now) = self._times[0], self._times[-1]
            facts["speed"] = (last - first) / max(now - begun, 1e-9)
            facts["eta"] = (facts["total_steps"] - last) / max(facts["speed"], 1e-9)
        done, begun, told = self._work
        if facts["phase"] == "working" and facts["done"] > done:
            facts["eta"] = (told - begun) / (facts["done"] - done) * max(0, facts["total"] - facts["done"])
        return facts
