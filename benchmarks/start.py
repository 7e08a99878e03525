"""Seconds from the start of a process to its first training step, and its peak memory."""

import json
import subprocess
import sys
import time

from benchmarks.subjects import Subject, pictures

_CHILD = """
import json, resource, sys, time
from benchmarks.steps import settings
from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.scan import scan
from lib_train.host.standalone.host import StandaloneHost
from lib_train.training.assemble import assemble
from lib_train.training.events import StepDone
folder, file, side, steps = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
host, config, first = StandaloneHost(), settings(folder, side, "no", False), None
with host.borrow(host.find(file)) as model:
    assembly = assemble(config, scan(config.dataset), model, None)
    for _ in assembly.prepare():
        pass
    for event in assembly.trainer.events():
        if isinstance(event, StepDone):
            first = first or time.time()
            if event.step == steps:
                break
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"first": first, "peak_gb": peak / 2**30}))
"""


def measure(subject: Subject, steps: int = 3) -> dict[str, float]:
    """``first_step_s`` from process start, files in the disk cache; ``peak_gb`` of resident memory over ``steps``."""
    with pictures(subject.side, 4) as folder:
        begun = time.time()
        command = [sys.executable, "-c", _CHILD, str(folder), subject.file, str(subject.side), str(steps)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    printed = json.loads(done.stdout.splitlines()[-1])
    return {"first_step_s": printed["first"] - begun, "peak_gb": printed["peak_gb"]}
