"""JSON on disk: an object that is replaced whole, and a log that only grows."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from lib_train.errors import ProjectError, reason
from lib_train.files import write_whole
from lib_train.locks import held
from lib_train.texts import say

_WAIT = 10.0
"""Seconds for which one waits for another that changes the same file."""


@contextmanager
def changed_alone(path: Path, what: str = "") -> Iterator[None]:
    """While entered, nobody else changes a file that is read, changed and written: no thread and no other process.

    Args:
        what: what it is, for messages; empty is its name.

    Raises:
        HostBusyError: another one changes it for long.
        ProjectError: its folder cannot be written to.
    """
    with held(path.with_name(f".{path.name}.lock"), what or path.name, wait=_WAIT):
        yield


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON whole or not at all.

    Raises:
        ProjectError: the disk is full or cannot be written to.
    """
    _replace(path, as_json(value))


def as_json(value: Mapping[str, Any]) -> bytes:
    """The content of a JSON file that people can read."""
    return _text(value, indent=2) + b"\n"


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one when there is no file.

    Raises:
        ProjectError: it is no JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ProjectError(
            say("{path}: cannot be read ({why}); mend it or move it away", path=path, why=reason(error))
        ) from error
    if not isinstance(value, dict):
        raise ProjectError(say("{path}: must hold a JSON object; mend it or move it away", path=path))
    return value


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Add an object to a log, one a line.

    Raises:
        ProjectError: the disk is full or cannot be written to.
    """
    try:
        with path.open("ab") as file:
            file.write(_text(value) + b"\n")
    except OSError as error:
        raise _unwritable(path, error) from error


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a log, oldest first; a line torn by a crash is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value


def read_lines_from(path: Path, line: int) -> Iterator[dict[str, Any]]:
    """The whole lines of a log from number ``line`` on; what is no object, as a crash tears it, is an empty one."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in islice(file, line, None):
            if text.endswith(b"\n"):
                try:
                    value = json.loads(text)
                except ValueError:
                    value = {}
                yield value if isinstance(value, dict) else {}


def write_lines(path: Path, values: Iterable[Mapping[str, Any]]) -> None:
    """Write a log anew, whole or not at all.

    Raises:
        ProjectError: the disk is full or cannot be written to.
    """
    _replace(path, b"".join(_text(value) + b"\n" for value in values))


def _text(value: Mapping[str, Any], indent: int | None = None) -> bytes:
    try:
        return json.dumps(value, indent=indent, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a file's name that is no Unicode: escaped, it comes back as it was
        return json.dumps(value, indent=indent).encode()


def _replace(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ProjectError:
    return ProjectError(
        say("{path}: cannot be written ({why}); make room or check permissions", path=path, why=reason(error))
    )
