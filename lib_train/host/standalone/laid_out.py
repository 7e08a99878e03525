"""Amounts of noise put into diffusers' schedulers, which know few schedules of their own."""

from typing import Any

import numpy
import torch
from torch import Tensor

from lib_train.host.standalone.noise_levels import Floats, Table


def table_of(scheduler: Any, is_sdxl: bool) -> Table:
    """What the scheduler's model was trained with."""
    return Table(numpy.array(((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod) ** 0.5), is_sdxl)


def lay_out(scheduler: Any, sigmas: Floats, table: Table) -> None:
    """Make a scheduler, whose number of steps is set, go through these (steps + 1,) amounts of noise instead."""
    times = torch.from_numpy(table.times_of(sigmas).astype(numpy.float32))
    given, in_noise = torch.from_numpy(sigmas.astype(numpy.float32)), bool(sigmas[-1])
    name = type(scheduler).__name__
    if name.startswith("KDPM2"):
        _with_middles(scheduler, given, times, table, "Ancestral" in name)
    elif name.startswith("Heun"):  # each but the first is looked at twice, an end without noise once
        last = given[-1:].repeat(2 if in_noise else 1)
        scheduler.sigmas = torch.cat([given[:1], given[1:-1].repeat_interleave(2), last])
        scheduler.timesteps = torch.cat(
            [times[:1], times[1:-1].repeat_interleave(2), *([times[-1:]] if in_noise else [])]
        )
    else:
        scheduler.sigmas = given
        whole = name.startswith("DPMSolver")
        scheduler.timesteps = times[:-1].round().long() if whole else times[:-1]


def _with_middles(scheduler: Any, sigmas: Tensor, times: Tensor, table: Table, ancestral: bool) -> None:
    """The second order looks at the middle between two amounts of noise, in their logarithm."""
    following = torch.cat([sigmas[1:], torch.zeros(1)])
    if ancestral:
        up = (following**2 * (sigmas**2 - following**2)).sqrt() / sigmas.clamp(min=1e-10)
        down = (following**2 - up**2).clamp(min=0).sqrt()
        scheduler.sigmas_up, scheduler.sigmas_down = _doubled(up), _doubled(down)
        middles = (sigmas * down).sqrt()  # behind each
        scheduler.sigmas_interpol = _doubled(middles)
    else:
        middles = (sigmas * following).sqrt()
        scheduler.sigmas_interpol = _doubled(torch.cat([middles[-1:], middles[:-1]]))  # before each
    scheduler.sigmas = _doubled(sigmas)
    halves = middles[:-1] if sigmas[-1] else middles[:-2]
    between = torch.from_numpy(table.times_of(halves.numpy()).astype(numpy.float32))
    both = torch.stack([between, times[1 : 1 + len(between)]], dim=-1).flatten()
    scheduler.timesteps = torch.cat([times[:1], both[: -1 if sigmas[-1] else None]])


def _doubled(values: Tensor) -> Tensor:
    return torch.cat([values[:1], values[1:].repeat_interleave(2), values[-1:]])
