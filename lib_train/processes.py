"""Which process of which machine did something, and whether it still lives."""

import hashlib
import os
import platform
import sys
from functools import cache
from pathlib import Path


@cache
def machine() -> str:
    """This machine, or this container on it, as 8 hexadecimal digits: numbers of processes mean nothing elsewhere."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        space = ""
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]


def started(pid: int) -> int:
    """Start time of a process in clock ticks since boot, which distinguishes reused ids; 0 is unknown."""
    return _state(pid)[1]


def lives(pid: int, start: int = 0) -> bool:
    """Whether a process of this machine is there and has not been killed.

    Args:
        start: its ``started``. Another process of the same number is not it; 0 takes any.
    """
    if not _exists(pid):
        return False
    state, found = _state(pid)
    return state not in ("Z", "X") and (not start or not found or start == found)


def _state(pid: int) -> tuple[str, int]:
    """Letter of its state and time of its start, of proc(5); nothing where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        fields = text.rpartition(")")[2].split()  # the name before may hold spaces and brackets
        return fields[0], int(fields[19])
    except (OSError, IndexError, ValueError):
        return "", 0


if sys.platform == "win32":

    def _exists(pid: int) -> bool:
        import ctypes

        query, going = 0x1000, 259  # PROCESS_QUERY_LIMITED_INFORMATION, STILL_ACTIVE
        kernel, code = ctypes.windll.kernel32, ctypes.c_ulong()
        handle = kernel.OpenProcess(query, False, pid)
        if not handle:
            return bool(kernel.GetLastError() == 5)  # ERROR_ACCESS_DENIED: it is somebody else's
        try:
            return not kernel.GetExitCodeProcess(handle, ctypes.byref(code)) or code.value == going
        finally:
            kernel.CloseHandle(handle)
else:

    def _exists(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except PermissionError:  # it is somebody else's
            return True
        except (OSError, OverflowError):
            return False
        return True
