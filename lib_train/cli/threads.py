"""Number of threads on a CPU: as many as there are idle cores.

OpenMP's threads wait for each other after every operation. With more of them than free cores, each operation lasts
until the scheduler comes back to the one that had none, which is hundreds of times longer than the operation.
"""

import argparse
import math
import os
import time
from contextlib import suppress
from pathlib import Path

from lib_train.cli.console import print_line
from lib_train.cli.language import here
from lib_train.texts import say

_WATCHED_SECONDS = 0.2
_CPUS = Path("/sys/devices/system/cpu")
_QUOTAS = (Path("/sys/fs/cgroup/cpu.max"), Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"))
_SET_BY = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables that torch follows by itself."""


def add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads", type=_count, metavar="N",
        help=here(say("CPU threads that compute (default: one for each physical core that is free now)")),
    )  # fmt: skip


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= 1024:
        raise argparse.ArgumentTypeError(
            here(say("{text!r}: give a number from {low} to {high}", text=text[:40], low=1, high=1024))
        )
    return count


def use_threads(wanted: int | None, watch: bool = True) -> None:
    """Have torch compute with this many threads; None is as many as there are free cores.

    Args:
        watch: whether to look what other programs use at the moment.
    """
    import torch

    if wanted is None and any(name in os.environ for name in _SET_BY):
        return
    usual = torch.get_num_threads()
    torch.set_num_threads(wanted or min(usual, free_cores(watch)))
    if wanted is None and watch and torch.get_num_threads() < min(usual, physical_cores()):
        used, cores = torch.get_num_threads(), physical_cores()
        print_line(say("note: other programs compute here: {used} of {cores} cores are used; --threads N takes more",
                       used=used, cores=cores))  # fmt: skip


def free_cores(watch: bool = True) -> int:
    """Physical cores that this process may use, less those that others keep busy; at least 1."""
    cores = physical_cores()
    return max(1, cores - round(_busy_cores() if watch and cores > 1 else 0))


def physical_cores() -> int:
    """Physical cores that this process may use: by its affinity, and by the quota of its container."""
    allowed = _allowed()
    return max(1, min(len({_core_of(cpu) for cpu in allowed}), _quota() or len(allowed)))


def _allowed() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _core_of(cpu: int) -> str:
    """Id of a thread's core; the thread's own id where the system does not say."""
    with suppress(OSError):
        return (_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    return str(cpu)


def _quota() -> int | None:
    """Whole CPUs that the container may use; None where there is no limit."""
    with suppress(OSError, ValueError, IndexError):
        quota, period = _QUOTAS[0].read_text().split()
        return max(1, math.ceil(int(quota) / int(period)))
    with suppress(OSError, ValueError):
        limit = int(_QUOTAS[1].read_text())
        return max(1, math.ceil(limit / 100_000)) if limit > 0 else None
    return None


def _busy_cores() -> float:
    """CPUs of those that this process may use that were busy in the last moment; 0 where the system does not tell."""
    before = _ticks()
    time.sleep(_WATCHED_SECONDS)
    after = _ticks()
    busy = 0.0
    for cpu in before.keys() & after.keys():
        worked, passed = (late - early for late, early in zip(after[cpu], before[cpu], strict=True))
        busy += worked / passed if passed else 0
    return busy


def _ticks() -> dict[int, tuple[int, int]]:
    """Of each CPU: ticks at work, and ticks in all."""
    found = {}
    with suppress(OSError, ValueError):
        for line in Path("/proc/stat").read_text().splitlines():
            name, *counts = line.split()
            if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in _allowed():
                numbers = [int(count) for count in counts[:8]]  # the last two are parts of the first two
                found[int(name[3:])] = sum(numbers) - numbers[3] - numbers[4], sum(numbers)
    return found
