"""Commands in processes of their own that need not import everything again: half a second each, not seven.

``python -m tests.forks`` imports once, and forks for each line of standard input, ``{"words": [...], "log": path}``. It
answers with the number of the child, and, when that has ended, with its exit code (negative: killed by a signal).
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Forks:
    """Starts commands in children of one process that has everything imported."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # a child has none of its parent's other threads
        self._parent = subprocess.Popen([sys.executable, "-m", "tests.forks"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)  # fmt: skip

    def start(self, words: list[str], log: Path) -> int:
        """Run ``train-tools`` with these words; returns the number of its process."""
        stdin: Any = self._parent.stdin
        stdin.write(json.dumps({"words": words, "log": str(log)}) + "\n")
        stdin.flush()
        return self._answer()

    def ended(self) -> int:
        """Waits for the last one that was started; returns its exit code."""
        return self._answer()

    def _answer(self) -> int:
        stdout: Any = self._parent.stdout
        return int(stdout.readline())

    def close(self) -> None:
        with self._parent as parent:  # closes its streams, upon which it ends
            parent.stdin.close()  # type: ignore[union-attr]


def _serve() -> None:
    from lib_train import cli
    from lib_train.host.standalone import StandaloneHost
    from lib_train.models.single_file import clip_tokenizer

    host = StandaloneHost(device="cpu")
    clip_tokenizer()
    host.size_of(host.find(""))  # imports what it is built of
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            code = cli.main(asked["words"])
            os._exit(code)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
