"""Lock files: which process works in a folder. One that its process left behind is broken."""

import json
import os
import platform
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from lib_train.errors import HostBusyError, ProjectError, reason
from lib_train.files import write_whole
from lib_train.processes import lives, machine, started
from lib_train.texts import say

_BEAT_SECONDS, _SILENT_SECONDS = 20.0, 300.0
"""How often a holder touches its file, and how long one of another machine must have been silent to be gone."""
_PAUSE_SECONDS = 0.01
"""Between two tries of somebody who waits."""

_taking = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process, as its lock file describes it."""

    pid: int
    started: int
    """See ``processes.started``: another process may have the number by now."""
    machine: str
    """See ``processes.machine``."""
    host: str
    """The machine's name, for people."""
    since: float
    """Seconds since 1970."""

    def __str__(self) -> str:
        own = self.machine == machine() and self.pid == os.getpid()
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.since))
        if own:
            return say("this process on {host}, since {when}", host=self.host, when=when)
        return say("process {pid} on {host}, since {when}", pid=self.pid, host=self.host, when=when)


@contextmanager
def held(path: Path, what: str, wait: float = 0) -> Iterator[None]:
    """Hold a lock file while entered.

    Args:
        what: what is held, for the message.
        wait: seconds to wait for another holder, where it is one that soon ends.

    Raises:
        HostBusyError: a living process holds it; says which, and which file to delete where that is wrong.
        ProjectError: the file cannot be written.
    """
    mine = Holder(pid=os.getpid(), started=started(os.getpid()), machine=machine(), host=platform.node() or "?",
                  since=time.time())  # fmt: skip
    content = json.dumps(asdict(mine)).encode()
    _take_within(wait, path, content, what)
    over = threading.Event()
    threading.Thread(target=_beat, args=(path, over), name="train-tools-lock", daemon=True).start()
    try:
        yield
    finally:
        over.set()
        if _content(path) == content:
            path.unlink(missing_ok=True)


def holder_of(path: Path) -> Holder | None:
    """The living process that holds a lock file; None where none does."""
    content = _content(path)
    return _living(path, content) if content else None


def require_unused(folder: Path, patterns: Iterable[str], what: str) -> None:
    """Check that no living process holds a lock file matching the patterns below a folder.

    Args:
        what: what is to be moved, for the message.

    Raises:
        HostBusyError: one does.
    """
    for pattern in patterns:
        for path in folder.glob(pattern):
            if holder := holder_of(path):
                part = path.parent.relative_to(folder)
                raise HostBusyError(
                    say(
                        "{what}: {part} is in use by {holder}: stop the run there first",
                        what=what,
                        part=part,
                        holder=holder,
                    )
                )


def _take_within(seconds: float, path: Path, content: bytes, what: str) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return _take(path, content, what)
        except HostBusyError:
            if time.monotonic() >= end:
                raise
            time.sleep(_PAUSE_SECONDS)


def _take(path: Path, content: bytes, what: str) -> None:
    with _taking:
        try:
            while not _written(path, content):
                found = _content(path)
                if found and (holder := _living(path, found)):
                    raise HostBusyError(_refusal(path, holder, what))
                _break(path, found)
        except OSError as error:
            raise ProjectError(
                say("{path}: cannot be written ({why}); make room or check permissions", path=path, why=reason(error))
            ) from error


def _written(path: Path, content: bytes) -> bool:
    """Whether the file could be written; False where there is one."""
    try:
        write_whole(path, content, replace=False, durable=False)
    except FileExistsError:
        return False
    return True


def _refusal(path: Path, holder: Holder, what: str) -> str:
    if holder.machine == machine():
        return say(
            "{what} is held by {holder}: stop it there first; if it is gone or delete {path}",
            what=what, holder=holder, path=path,
        )  # fmt: skip
    return say(
        "{what} is held by {holder}: stop it there first; if it is gone, wait {minutes:g} minutes or delete {path}",
        what=what, holder=holder, minutes=_SILENT_SECONDS / 60, path=path,
    )  # fmt: skip


def _living(path: Path, content: bytes) -> Holder | None:
    """The process in the content of a lock file, if it may still be alive; None for unreadable content."""
    try:
        holder = Holder(**json.loads(content))
        gone = not lives(holder.pid, holder.started) if holder.machine == machine() else _silent(path)
    except (ValueError, TypeError, OverflowError):
        return None
    return None if gone else holder


def _silent(path: Path) -> bool:
    """Whether the holder has not touched its file for long, by the clock of the disk: machines differ in theirs."""
    probe = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        probe.touch()
        return probe.stat().st_mtime - path.stat().st_mtime > _SILENT_SECONDS
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)


def _break(path: Path, content: bytes) -> None:
    """Remove a lock file with this content. A lock that another process took in between is put back.

    Raises:
        OSError: it cannot be moved.
    """
    aside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.rename(aside)
        if aside.read_bytes() != content and not path.exists():
            aside.rename(path)
    except FileNotFoundError:
        return  # somebody else broke it
    finally:
        aside.unlink(missing_ok=True)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _beat(path: Path, over: threading.Event) -> None:
    while not over.wait(_BEAT_SECONDS):
        with suppress(OSError):
            os.utime(path)
