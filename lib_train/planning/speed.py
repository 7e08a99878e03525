"""How fast a device computes: rough, found in no time, for estimates before the first run."""

import time
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import torch

from lib_train.planning.work import Work

_SIDE, _TIMES = 512, 3
_WRITTEN = 700.0
"""Operations of a matrix product that take as long on a CPU as writing a number of a layer and all that it entails."""
_CPU_STEP, _CUDA_STEP = 0.1, 0.04
"""Seconds of a step that do not depend on sizes: Python, and launching kernels."""
_PEAKS = {(0, 0): 0.4, (7, 0): 1.56, (7, 5): 0.79, (8, 0): 2.9, (8, 6): 0.88, (8, 9): 1.29, (9, 0): 7.5, (12, 0): 1.23}
"""TFLOP/s in 16 bits of each multiprocessor, by the least compute capability."""
_REACHED, _EXPONENT = 1.23, 0.58
"""TFLOP/s that trainers reach of a card's peak: published runs of SDXL at 1024 pixels on RTX 3060, 3090 and 4090 (0.39,
0.80 and 1.15 steps/s) are within 5 %; the faster the card, the less of it is used."""


class Speed(NamedTuple):
    """What a device does in a second."""

    flop: float
    """Operations in a second."""
    number_seconds: float
    """Seconds for each number that a layer writes, beside its operations."""
    step_seconds: float
    """Seconds of a step whatever it computes."""

    def seconds(self, work: Work) -> float:
        """Seconds of a step."""
        return work.flop / self.flop + work.numbers * self.number_seconds + self.step_seconds


def speed_of(device: torch.device, precision: str) -> Speed | None:
    """The device's speed; None where nothing tells.

    Args:
        precision: "no", "fp16" or "bf16".
    """
    if device.type == "cpu":
        flop = _cpu_flop()
        return Speed(flop, _WRITTEN / flop, _CPU_STEP)
    if device.type == "cuda":
        with suppress(RuntimeError, AssertionError):  # torch finds no card any more
            card = torch.cuda.get_device_properties(device)
            return cuda_speed((card.major, card.minor), card.multi_processor_count, precision)
    return None


def cuda_speed(capability: tuple[int, int], processors: int, precision: str) -> Speed:
    """Speed of a CUDA device, by its compute capability and number of multiprocessors."""
    peak = _PEAKS[max(known for known in _PEAKS if known <= capability)] * processors
    if precision == "no":
        peak /= 2
    return Speed(_REACHED * peak**_EXPONENT * 1e12, 0.0, _CUDA_STEP)


@lru_cache(maxsize=1)
def _cpu_flop() -> float:
    """Operations in a second of a matrix product in float32, by as many threads as torch takes; found once."""
    one, other = torch.ones(_SIDE, _SIDE), torch.ones(_SIDE, _SIDE)
    best = min(_timed(one, other) for _ in range(_TIMES + 1))  # the first one is for the caches
    return float(2 * _SIDE**3 / best)


def _timed(one: torch.Tensor, other: torch.Tensor) -> float:
    begin = time.perf_counter()
    torch.mm(one, other)
    return max(time.perf_counter() - begin, 1e-6)
