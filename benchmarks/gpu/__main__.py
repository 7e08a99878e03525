"""``make gpu``: on a machine with a graphics card, tests, benchmark and demo in at most eight minutes. Ends with JSON.

Standard library alone: it runs on a bare machine's Python, and makes the environment that everything else runs in.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.gpu.environment import MissingWheels, python_for
from benchmarks.gpu.parts import PARTS, Part, run

_BUDGET_SECONDS = 460.0
ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--seconds", type=float, default=_BUDGET_SECONDS, help="parts beyond are left out")
    parser.add_argument("--wheels", type=Path, default=ROOT / "wheels", help="what `make gpu-wheels` gathered")
    parser.add_argument("--only", choices=[part.name for part in PARTS], nargs="+", help="run these parts alone")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    try:
        python = python_for(options.wheels, ROOT / "build" / "gpu")
    except MissingWheels as error:
        sys.stdout.write(f"{error}\n")
        return 2
    parts = [part for part in PARTS if not options.only or part.name in options.only]
    found = run_parts(parts, python, options.seconds, begun)
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if found["failed"] else 0


def run_parts(parts: list[Part], python: str, seconds: float, begun: float) -> dict[str, object]:
    """What the parts found, by name, with what was ``left_out`` and why, what ``failed``, and how long all took."""
    machine = run(Part("machine", ("-m", "benchmarks.gpu.machine"), 120), python, ROOT, 120)
    found: dict[str, object] = {"machine": machine.facts}
    left_out: dict[str, str] = {}
    failed = {} if machine.fault is None else {"machine": machine.fault}
    cuda = bool(machine.facts.get("cuda"))
    for part in parts:
        left = seconds - (time.monotonic() - begun)
        if machine.fault or part.cuda not in (None, cuda):
            left_out[part.name] = "torch finds no CUDA device" if not cuda else "for machines without a graphics card"
        elif left < part.least:
            left_out[part.name] = f"no time: {left:.0f} of {seconds:.0f} s were left, it needs {part.least:.0f}"
        else:
            outcome = run(part, python, ROOT, left)
            found[part.name] = outcome.facts
            if outcome.fault:
                failed[part.name] = outcome.fault
    return {**found, "left_out": left_out, "failed": failed, "seconds": round(time.monotonic() - begun, 1)}


if __name__ == "__main__":
    sys.exit(main())
