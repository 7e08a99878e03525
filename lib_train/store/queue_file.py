"""queue.json: the queue of all processes that work below a root."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from lib_train.config.fields import options_of
from lib_train.config.queue import QueueConfig
from lib_train.errors import ConfigError, ProjectError
from lib_train.locks import held, holder_of
from lib_train.store.json_files import as_json, changed_alone, read_json, write_json
from lib_train.store.layout import made
from lib_train.store.queue import KINDS, Ended, Job, Jobs
from lib_train.texts import Text, say, text_from, text_json

SCHEMA = 1
_NAME = "queue.json"
_TYPES: Mapping[str, type] = {"config": dict, "base": list, "steps": int, "number": int, "again": bool}
"""Of a job's fields that are no text."""


class QueueFile:
    """The file below one root, and who carries its jobs out."""

    def __init__(self, root: Path) -> None:
        self._root, self.path = root, root / _NAME
        self._reading = threading.Lock()
        self._known: tuple[object, Jobs] = None, Jobs()
        self.trouble = ""
        """Why the file, as it was read last, could not be used as a whole, or where one that could not lies now."""

    def read(self) -> Jobs:
        """The queue of now; what of it cannot be read is left out, and ``trouble`` says so. Writes nothing."""
        with self._reading:
            state = _state_of(self.path)
            if state != self._known[0]:
                jobs, trouble = _read(self.path)
                self._known = state, jobs
                self.trouble = trouble or self.trouble
            return self._known[1]

    def change(self, act: Callable[[Jobs], Jobs]) -> Jobs:
        """Put another queue in the place of the present one; no other process changes it meanwhile.

        A file that could not be read as a whole is kept beside it.

        Raises:
            TrainToolsError: as ``act`` raises, or the file cannot be written.
        """
        made(self._root)
        with changed_alone(self.path, say("the list of jobs")):
            jobs, trouble = _read(self.path)
            after = act(jobs)
            if trouble:
                self.trouble = _kept_aside(self.path, trouble)
            if trouble or after != jobs:
                self._write(_to_json(after))
        with self._reading:
            self._known = _state_of(self.path), after
        return after

    def _write(self, value: Mapping[str, Any]) -> None:
        try:
            write_json(self.path, value)
        except ProjectError:
            if not self.path.is_file() or self.path.read_bytes() != as_json(value):
                raise  # else all but its name was brought to the disk, and every process sees it

    def worked(self) -> AbstractContextManager[None]:
        """While entered, no other process begins a job of this queue.

        Raises:
            HostBusyError: one carries out a job.
        """
        return held(made(self._root) / self._worker, say("the queue"))

    def worker(self) -> str:
        """The process that carries out a job, in words; empty where none does."""
        return str(holder_of(self._root / self._worker) or "")

    _worker = f".{_NAME}.worker"


def _state_of(path: Path) -> object:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _kept_aside(path: Path, trouble: str) -> str:
    """Give the file another name; returns what a person is told."""
    stem = f"{path.stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    aside, number = path.with_name(f"{stem}.json"), 2
    while os.path.lexists(aside):
        aside, number = path.with_name(f"{stem}-{number}.json"), number + 1
    try:
        path.rename(aside)
    except OSError as error:
        raise ProjectError(say("{why}; move it away", why=trouble)) from error
    return say("{why}; what it held lies in {name}", why=trouble, name=aside.name)


def _read(path: Path) -> tuple[Jobs, str]:
    """What the file holds, and what is wrong with it."""
    try:
        value = read_json(path)
    except ProjectError as error:
        return Jobs(), str(error)
    if not value:
        return Jobs(), ""
    if value.get("schema") != SCHEMA:
        why = say("{path}: is not of this version (schema {schema!r}, not {own})",
                  path=path, schema=value.get("schema"), own=SCHEMA)  # fmt: skip
        return Jobs(), why
    return _jobs_in(value, path)


def _jobs_in(value: Mapping[str, Any], path: Path) -> tuple[Jobs, str]:
    waiting, ended = _list(value, "waiting"), _list(value, "ended")
    told = [_job_in(one) for one in waiting], [_ended_in(one) for one in ended]
    running = _job_in(value["running"]) if value.get("running") is not None else None
    config = _config_in(value.get("config"))
    jobs = Jobs(
        running=running,
        waiting=tuple(one for one in told[0] if one),
        ended=tuple(one for one in told[1] if one),
        config=config or QueueConfig(),
        held=text_from(value.get("held_text"), _text(value, "held")),
        opens=_number(value, "opens"),
        next=1,
    )
    numbers = [one.number for one in (running, *jobs.waiting, *(one.job for one in jobs.ended)) if one]
    jobs = Jobs(**{**vars(jobs), "next": max([int(_number(value, "next", 1)), *(one + 1 for one in numbers)])})
    odd = (value.get("running") is not None and running is None) + told[0].count(None) + told[1].count(None)
    odd += config is None or not all(isinstance(value.get(name, []), list) for name in ("waiting", "ended"))
    odd += len(set(numbers)) < len(numbers) or (0 in numbers)
    return jobs, say("{path}: holds {count} entries that cannot be read", path=path, count=odd) if odd else ""


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _number(value: Mapping[str, Any], name: str, otherwise: float = 0.0) -> float:
    found = value.get(name)
    usable = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 2**53
    return found if usable else otherwise  # type: ignore[return-value]


def _job_in(value: object) -> Job | None:
    """A job; None for what is none."""
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        return None
    given = {one.name: value[one.name] for one in fields(Job) if one.name in value}
    for name, found in given.items():
        if not isinstance(found, _TYPES.get(name, str)) and not (name == "steps" and found is None):
            return None
    if not all(one is None or isinstance(one, dict) for one in given.get("base", ())):
        return None
    return Job(**{**given, "base": tuple(given.get("base", ()))})


def _ended_in(value: object) -> Ended | None:
    job = _job_in(value.get("job")) if isinstance(value, dict) else None
    if job is None or not isinstance(value, dict) or value.get("phase") not in ("finished", "stopped", "failed"):
        return None
    return Ended(job, value["phase"], text_from(value.get("text_text"), _text(value, "text")), _number(value, "at"))


def _config_in(value: object) -> QueueConfig | None:
    if value is None:
        return QueueConfig()
    known = {one.name for one in options_of(QueueConfig)}
    with suppress(ConfigError, TypeError):
        return QueueConfig(**{name: found for name, found in dict(value).items() if name in known})  # type: ignore[call-overload]
    return None


def _to_json(jobs: Jobs) -> dict[str, Any]:
    ended = [{"job": asdict(one.job), "phase": one.phase, "at": one.at, **_said("text", one.text)}
             for one in jobs.ended]  # fmt: skip
    return {
        "schema": SCHEMA,
        "config": asdict(jobs.config),
        **_said("held", jobs.held),
        "opens": jobs.opens,
        "next": jobs.next,
        "running": asdict(jobs.running) if jobs.running else None,
        "waiting": [asdict(one) for one in jobs.waiting],
        "ended": ended,
    }


def _said(name: str, text: str) -> dict[str, Any]:
    """A sentence with what it takes to word it in another language."""
    return {name: str(text), **({f"{name}_text": text_json(text)} if isinstance(text, Text) else {})}
