"""The parts of ``make gpu``: each a process of its own, with a time limit, whose last line is JSON."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Part:
    """One process: arguments of Python, and seconds after which it is ended."""

    name: str
    arguments: tuple[str, ...]
    limit: float
    least: float = 0
    """Seconds that must be left for it to begin."""
    cuda: bool | None = None
    """Whether it wants a CUDA device (True), none (False), or either (None)."""


def _sized(case: str, limit: float, least: float = 25) -> Part:
    return Part(case, ("-m", "benchmarks.gpu.full_size", case), limit, least, True)


PARTS = (
    Part("tests", ("-m", "benchmarks.gpu.tests", "gpu"), 180, 20, True),
    _sized("sd15_512_b1", 60),
    _sized("sdxl_1024_b1", 75, 40),
    _sized("sd15_512_b4", 60),
    _sized("sdxl_1024_b1_checkpointed", 75, 40),
    Part("demo_bf16", ("-m", "benchmarks.gpu.demo", "bf16"), 150, 45, True),
    Part("demo_fp16", ("-m", "benchmarks.gpu.demo", "fp16"), 150, 45, True),
    Part("tests_on_cpu", ("-m", "benchmarks.gpu.tests", "not gpu"), 180, 0, False),
    Part("tiny_sd1", ("-m", "benchmarks.gpu.full_size", "tiny_sd1", "--seconds", "1"), 60, 0, False),
    Part("tiny_sdxl", ("-m", "benchmarks.gpu.full_size", "tiny_sdxl", "--seconds", "1"), 60, 0, False),
)
"""In the order of their worth: the last ones are left out when time runs out."""


@dataclass(frozen=True)
class Outcome:
    """What a part printed as JSON, and what went wrong; None when nothing did."""

    facts: dict[str, Any] = field(default_factory=dict)
    fault: str | None = None


def run(part: Part, python: str, folder: Path, seconds: float) -> Outcome:
    """See a part through, showing what it writes; it is ended after its limit or ``seconds``, whichever is less."""
    sys.stdout.write(f"--- {part.name}\n")
    sys.stdout.flush()
    limit, begun = min(part.limit, seconds), time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    last = ""
    with subprocess.Popen(
        [python, *part.arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    ) as process:  # fmt: skip
        timer = threading.Timer(limit, process.kill)
        timer.start()
        assert process.stdout is not None
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                last = line.strip() or last
            code = process.wait()
        finally:
            timer.cancel()
    if code and time.monotonic() - begun >= limit:
        return Outcome(fault=f"ended after {limit:.0f} s; its last words: {last}")
    facts = _parsed(last)
    if facts is None:
        return Outcome(fault=f"exit code {code}; its last words: {last}")
    return Outcome(facts, facts.get("error") or (f"exit code {code}" if code else None))


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
