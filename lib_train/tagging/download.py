"""Fetches files that somebody asked for: whole or not at all, with the size that the server said."""

import hashlib
import http.client
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from lib_train.errors import FileError, reason
from lib_train.files import written
from lib_train.texts import say

_BLOCK = 1 << 20
_PATIENCE_SECONDS = 30.0
_ROOM_LEFT = 1 << 28


class Open(Protocol):
    """What opens an address, as ``urllib.request.urlopen``."""

    def __call__(self, url: str, *, timeout: float) -> AbstractContextManager[Any]: ...


class Ended(Exception):
    """Whoever asked for the file wants it no more."""


def fetch(
    url: str, target: Path, progress: Callable[[int, int], bool], open: Open = urllib.request.urlopen, sha256: str = ""
) -> None:
    """Bring a file to the disk. A file that has the name already is left, and counts as fetched.

    Args:
        progress: called with the bytes that have come and all of them (0 where the server does not say); returns False
            when nobody wants the file any more.
        sha256: digest that it must have; empty is any.

    Raises:
        Ended: ``progress`` returned False; nothing is left of it.
        FileError: it cannot be fetched or written; nothing is left of it.
    """
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(url, timeout=_PATIENCE_SECONDS) as answer, written(target, replace=False) as partial:
            _bring(answer, partial, progress, sha256)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise FileError(
            say("{url}: cannot be fetched ({why}); fetch it by hand and put it at {target}", url=url, why=_why(error),
                target=target)
        ) from error  # fmt: skip


def _why(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return reason(inner) if isinstance(inner, Exception) else str(inner)


def _bring(answer: Any, partial: Path, progress: Callable[[int, int], bool], sha256: str) -> None:
    total, come, digest = int(answer.headers.get("Content-Length") or 0), 0, hashlib.sha256()
    free = shutil.disk_usage(partial.parent).free
    if total + _ROOM_LEFT > free:
        need, there = total // 10**6, free // 10**6
        raise OSError(say("it needs {need} MB and {free} MB are free", need=need, free=there))
    with partial.open("wb") as file:
        while block := answer.read(_BLOCK):
            file.write(block)
            digest.update(block)
            come += len(block)
            if not progress(come, total):
                raise Ended
    if total and come != total:
        raise OSError(say("{come} of {total} bytes came", come=come, total=total))
    if sha256 and digest.hexdigest() != sha256:
        raise OSError(say("its content is another one than was published"))
