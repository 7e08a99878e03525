"""Curves of a run's log: loss, learning rates and measurements of held-out pictures, by step."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from operator import lt
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from lib_train.store.followed import Followed, event_in
from lib_train.vocabulary import ADAPTED

_USUAL = re.compile(rb'"event": "StepDone",[^{}\n]*"step": (\d+),[^{}\n]*"loss": (-?[\d.e+-]+), "lr": {([^{}\n]*)}')
"""A step as runs write it: a hundred thousand of them are read in a fifth of the time that a JSON reader takes."""
_RATE = re.compile(rb'"([\w* ]+)": (-?[\d.e+-]+)')


FIXED = "fixed"
"""Curve of the loss of the batch by which a run ends when it has learned."""


class Curve(NamedTuple):
    """Values by step, steps growing."""

    steps: Sequence[int]
    values: Sequence[float]


class Curves:
    """Curves by name, which grow."""

    def __init__(self) -> None:
        self._curves: dict[str, tuple[array[int], array[float]]] = {}

    def add(self, name: str, step: int, value: float) -> bool:
        """Add one value; False where the curve has gone as far already.

        A resumed run repeats the loss that was pending when it stopped.
        """
        steps, values = self._curves.setdefault(name, (array("q"), array("d")))
        if steps and step <= steps[-1]:
            return False
        steps.append(step)
        values.append(value)
        return True

    def since(self, step: int) -> dict[str, Curve]:
        """What they have of the steps after ``step``; curves without any are left out."""
        found = {}
        for name, (steps, values) in self._curves.items():
            place = bisect_right(steps, step)
            found[name] = Curve(steps[place:], values[place:])
        return {name: curve for name, curve in found.items() if curve.steps}


class _Reader(Curves):
    def take(self, lines: bytes) -> None:
        steps = _USUAL.findall(lines)
        if len(steps) != lines.count(b'"StepDone"') or not self._take_all(steps):
            for line in lines.split(b"\n"):
                self._take_one(line)
        if b'"Validated"' in lines:
            for line in lines.split(b"\n"):
                self._take_validated(line)
        if b'"FixedLoss"' in lines:
            for line in lines.split(b"\n"):
                self._take_fixed(line)

    def _take_all(self, found: Sequence[tuple[bytes, bytes, bytes]]) -> bool:
        """Add steps that go on where the curves end, all with the same parts; False where they do not."""
        if not found:
            return True
        steps = [int(step) for step, _, _ in found]
        names = [name.decode() for name, _ in _RATE.findall(found[0][2])]
        curves = list(dict(step_values(0.0, dict.fromkeys(names, 0.0))))
        before = max((self._curves[name][0][-1] for name in curves if name in self._curves), default=-1)
        rates = _numbers([text for _, _, text in found], names)
        if rates is None or not all(map(lt, [before, *steps], steps)):
            return False
        columns = [[float(loss) for _, loss, _ in found], *(rates[i :: len(names)] for i in range(len(names)))]
        for name, column in zip(curves, columns, strict=True):
            known, values = self._curves.setdefault(name, (array("q"), array("d")))
            known.extend(steps)
            values.extend(column)
        return True

    def _take_one(self, line: bytes) -> None:
        if b'"StepDone"' not in line:
            return
        step, values = _usual(line) or _unusual(line)
        for name, value in values:
            self.add(name, step, value)

    def _take_validated(self, line: bytes) -> None:
        event = (event_in(line) if b'"Validated"' in line else None) or {}
        step, on, off = (event.get(name) for name in ("step", "on", "off"))
        if event.get("event") != "Validated" or not isinstance(step, int) or not 0 <= step < 2**63:
            return
        losses = [_finite(found) for found in (on, off)]
        if all(losses):
            for name, value in validation_values(*losses):
                self.add(name, step, value)

    def _take_fixed(self, line: bytes) -> None:
        event = (event_in(line) if b'"FixedLoss"' in line else None) or {}
        step, loss = event.get("step"), event.get("loss")
        if event.get("event") != "FixedLoss" or not isinstance(step, int) or not 0 <= step < 2**63:
            return
        if isinstance(loss, int | float) and abs(loss) < 1e300:
            self.add(FIXED, step, loss)


def _finite(losses: object) -> dict[str, float]:
    found = losses if isinstance(losses, dict) else {}
    return {str(band): loss for band, loss in found.items() if isinstance(loss, int | float) and abs(loss) < 1e300}


def _numbers(texts: Sequence[bytes], names: Sequence[str]) -> list[float] | None:
    """The numbers of texts such as ``"unet": 0.1, "text_encoder": 0.2``; None where one has other names."""
    lines = b"\n" + b"\n".join(texts)
    for place, name in enumerate(names):
        lines = lines.replace(f'{", " if place else chr(10)}"{name}": '.encode(), b"\n")
    try:
        numbers = [float(number) for number in lines[1:].split(b"\n")] if names else []
    except ValueError:
        return None
    return numbers if len(numbers) == len(texts) * len(names) and (names or not any(texts)) else None


def step_values(loss: float, rates: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Values of a step with the names of their curves: "loss", and "lr" or ``ADAPTED`` with the part."""
    yield "loss", loss
    for part, rate in rates.items():
        yield part if part.startswith(ADAPTED) else f"lr {part}", rate


def validation_values(on: Mapping[Any, float], off: Mapping[Any, float]) -> Iterator[tuple[str, float]]:
    """Values of a measurement of held-out pictures with the names of their curves: "val_on" and "val_off", means over
    the timesteps, and "val_on" with each timestep.

    Args:
        on: losses by timestep.
        off: of the base model alone.
    """
    yield "val_on", fmean(on.values())
    yield "val_off", fmean(off.values())
    for timestep, loss in on.items():
        yield f"val_on {timestep}", loss


def _usual(line: bytes) -> tuple[int, list[tuple[str, float]]] | None:
    if not (match := _USUAL.search(line)):
        return None
    rates = {name.decode(): float(rate) for name, rate in _RATE.findall(match[3])}
    return int(match[1]), list(step_values(float(match[2]), rates))


def _unusual(line: bytes) -> tuple[int, list[tuple[str, float]]]:
    event = event_in(line) or {}
    step = event.get("step")
    if event.get("event") != "StepDone" or not isinstance(step, int) or not 0 <= step < 2**63:
        return 0, []
    return step, list(_values(event.get("loss"), event.get("lr")))


def _values(loss: Any, rates: object) -> Iterator[tuple[str, float]]:
    for name, value in step_values(loss, rates if isinstance(rates, dict) else {}):
        if isinstance(value, int | float) and abs(value) < 1e300:
            yield name, value


_readers = Followed(_Reader)


def curves_in(log: Path, since: int = 0) -> dict[str, Curve]:
    """Curves of a log by name: "loss", "lr" with the part, ``validation_values``; of the steps after ``since``."""
    with _readers.of(log) as reader:
        return reader.since(since) if reader else {}
