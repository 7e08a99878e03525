"""Training that can be stopped and taken up again: state on disk, learning rate, averaged weights."""

import copy
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn


def rate(step: int, total: int, peak: float, warmup: int = 200) -> float:
    """Learning rate: a linear rise, then a half cosine down to 1 % of ``peak``."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup))))


class Training:
    """A module, its optimizer and its moving average, saved together under ``path``."""

    def __init__(self, module: nn.Module, path: Path, *, total: int, peak: float, weight_decay: float = 0.0) -> None:
        self.module, self.path, self.total, self.peak = module, path, total, peak
        self.average = copy.deepcopy(module).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(module.parameters(), peak, betas=(0.9, 0.99), weight_decay=weight_decay)
        self.step = 0
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.module.load_state_dict(state["module"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step = state["step"]

    def steps(self, save_every_seconds: float = 120) -> Iterator[int]:
        """Steps still to do; the caller leaves gradients behind, and each is turned into an update here."""
        saved = time.monotonic()
        while self.step < self.total:
            for group in self.optimizer.param_groups:
                group["lr"] = rate(self.step, self.total, self.peak)
            torch.manual_seed(self.step)
            yield self.step
            nn.utils.clip_grad_norm_(self.module.parameters(), 1.0)
            self.optimizer.step()
            self.optimizer.zero_grad()
            self._blend()
            self.step += 1
            if time.monotonic() - saved > save_every_seconds or self.step == self.total:
                self.save()
                saved = time.monotonic()

    @torch.no_grad()
    def _blend(self) -> None:
        weight = max(0.001, 1 / (self.step + 1))
        ours, average = list(self.module.parameters()), list(self.average.parameters())
        torch._foreach_lerp_(average, ours, weight)

    def save(self) -> None:
        state = {"module": self.module.state_dict(), "average": self.average.state_dict()}
        state |= {"optimizer": self.optimizer.state_dict(), "step": self.step}
        partial = self.path.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.path)
