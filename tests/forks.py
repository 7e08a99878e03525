"""Commands in processes of their own that need not import everything again: a fifth of a second each, not seven.

``python -m tests.forks`` imports once, and forks for each line of standard input: ``{"words": [...], "log": path,
"loaded": path, "until": step}``. It answers with the number of the child, and, when that has ended, with its exit code
(negative: killed by a signal).
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any


class Forks:
    """Starts commands in children of one process that has everything imported. Their base model is a fake one."""

    def __init__(self) -> None:
        self.loaded = Path()
        """File that stands for the base model."""
        self.child: int | None = None
        """The one that was started and whose end nobody has waited for."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # a child has none of its parent's other threads
        self._parent = subprocess.Popen([sys.executable, "-m", "tests.forks"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)  # fmt: skip

    def start(self, words: list[str], log: Path, until: int | None = None) -> int:
        """Run ``train-tools`` with these words; returns the number of its process.

        Args:
            until: the step after which it waits to be killed; None runs to its end.
        """
        stdin: Any = self._parent.stdin
        asked = {"words": words, "log": str(log), "loaded": str(self.loaded), "until": until}
        stdin.write(json.dumps(asked) + "\n")
        stdin.flush()
        self.child = self._answer()
        return self.child

    def ended(self) -> int:
        """Waits for the last one that was started; returns its exit code."""
        code, self.child = self._answer(), None
        return code

    def _answer(self) -> int:
        stdout: Any = self._parent.stdout
        return int(stdout.readline())

    def close(self) -> None:
        if self.child:
            with suppress(ProcessLookupError):  # it has ended, and nobody has asked
                os.kill(self.child, signal.SIGKILL)
        with self._parent as parent:  # closes its streams, upon which it ends
            parent.stdin.close()  # type: ignore[union-attr]


def _serve() -> None:
    import torch

    from lib_train.app import service  # noqa: F401  what a command imports only when it runs
    from lib_train.host import standalone  # noqa: F401
    from tests import fakes  # noqa: F401

    torch.optim.AdamW([torch.zeros(1)])  # imports more than all else together
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            os._exit(_run(**asked))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _run(words: list[str], log: str, loaded: str, until: int | None) -> int:
    """The command, on a fake base model; returns its exit code."""
    from lib_train import cli
    from lib_train.host.standalone import host as standalone
    from tests.fakes import FakeHost

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    host = FakeHost(Path(loaded))
    host.between_steps = lambda done, total: done != until or bool(signal.pause())
    standalone.StandaloneHost = lambda **given: host  # type: ignore[assignment,misc]
    return cli.main(words)


if __name__ == "__main__":
    _serve()
