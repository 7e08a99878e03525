"""Work on pictures that takes a while: how far it is, what came of it, and cancelling it."""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from lib_train.app.versions import Versions
from lib_train.error_json import error_json
from lib_train.errors import ProjectError
from lib_train.texts import say

GoOn = Callable[[int, int], bool]
"""Told (done, all of them); False cancels."""
Act = Callable[[GoOn], Mapping[str, Any]]
"""Does it; returns what came of it as JSON values."""
_REMEMBERED = 20


@dataclass
class _Work:
    """One, as far as it is."""

    number: int
    kind: str
    place: object
    """See ``Versions.identity``."""
    done: int = 0
    total: int = 0
    cancelled: bool = False
    ended: bool = False
    error: Exception | None = None
    result: Mapping[str, Any] = field(default_factory=dict)

    def go_on(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        return not self.cancelled

    def carry_out(self, act: Act) -> None:
        """Do it, and keep what came of it; an error is kept for whoever asks."""
        try:
            self.result = act(self.go_on)
        except Exception as error:
            self.error = error
        finally:
            self.ended = True


class Works:
    """Of all versions below one root; the last ones are remembered until the process ends."""

    def __init__(self, root: Path) -> None:
        self._root, self._identity = root, Versions(root).identity
        self._numbers, self._lock = count(1), threading.Lock()
        self._known: dict[int, _Work] = {}

    def start(
        self,
        kind: str,
        project: str,
        version: str,
        act: Act,
        held: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> dict[str, Any]:
        """Begin work in a thread of its own; returns the same as ``one``.

        Args:
            held: what is entered from now on until it has ended, such as ``Version.filled``.
        """
        with ExitStack() as entered:
            entered.enter_context(held())
            work = self._begun(kind, project, version)
            leave = entered.pop_all()

        def while_held(go_on: GoOn) -> Mapping[str, Any]:
            with leave:
                return act(go_on)

        name = f"{kind}-{work.number}"
        threading.Thread(target=work.carry_out, args=(while_held,), name=name, daemon=True).start()
        return self._facts(work)

    def carry_out(self, kind: str, project: str, version: str, act: Act) -> Mapping[str, Any]:
        """Do work at once, seen by whoever asks meanwhile; returns what came of it.

        Raises:
            Exception: whatever ``act`` raises.
        """
        work = self._begun(kind, project, version)
        work.carry_out(act)
        if work.error:
            raise work.error
        return work.result

    def listed(self, project: str, version: str, kinds: Collection[str] = ()) -> list[dict[str, Any]]:
        """A version's works, newest first.

        Args:
            kinds: empty is all.
        """
        works, place = [*self._known.values()][::-1], self._identity(project, version)
        return [self._facts(work) for work in works if work.place == place and (not kinds or work.kind in kinds)]

    def one(self, project: str, version: str, number: int) -> dict[str, Any]:
        """How far it is, and what came of it.

        Raises:
            ProjectError: there is none of this number.
        """
        return self._facts(self._work(project, version, number))

    def cancel(self, project: str, version: str, number: int) -> dict[str, Any]:
        """Stop it after its present file; what it wrote goes. One that has ended stays.

        Raises:
            ProjectError: there is none of this number.
        """
        work = self._work(project, version, number)
        work.cancelled = work.cancelled or not work.ended
        return self._facts(work)

    def _begun(self, kind: str, project: str, version: str) -> _Work:
        with self._lock:
            work = _Work(next(self._numbers), kind, self._identity(project, version))
            self._known[work.number] = work
            for number in [one for one, known in self._known.items() if known.ended][:-_REMEMBERED]:
                del self._known[number]
        return work

    def _work(self, project: str, version: str, number: int) -> _Work:
        work = self._known.get(number)
        if work is None or work.place != self._identity(project, version):
            raise ProjectError(say("work {number}: there is none; ask for the list of works", number=number))
        return work

    def _facts(self, work: _Work) -> dict[str, Any]:
        error = error_json(work.error, self._root) if work.error else None
        return {"number": work.number, "kind": work.kind, "done": work.done, "total": work.total, "ended": work.ended,
                "error": error, "result": work.result}  # fmt: skip
