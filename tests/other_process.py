"""Another process that holds a lock file, for a minute at most."""

import subprocess
import sys
from pathlib import Path

HOLD = """
import pathlib, sys, time
from lib_train.locks import held
with held(pathlib.Path(sys.argv[1]), "it"):
    print(flush=True)
    time.sleep(60)
"""


def other_process(path: Path) -> "subprocess.Popen[bytes]":
    """A process that holds ``path``."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline()
    return process
