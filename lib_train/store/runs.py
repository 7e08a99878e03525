"""Runs of a version: settings, log, state, error text; and what their logs tell of checkpoints."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, repeat
from operator import attrgetter
from pathlib import Path
from typing import Any

from lib_train.errors import ProjectError, reason
from lib_train.files import write_whole
from lib_train.locks import held, holder_of
from lib_train.store.curves import Curve, curves_in
from lib_train.store.json_files import append_line, read_json, read_lines, read_lines_from, write_json, write_lines
from lib_train.store.layout import ELSEWHERE, checked_name, is_odd, made, scanned
from lib_train.store.logs import Newest, newest_in, saved_in
from lib_train.store.projects import Version
from lib_train.texts import say

AVERAGED = "-ema"
"""End of the name of a file with averaged weights, where others lie beside it."""
_LONGEST_FILE = 255  # bytes of a name, on most file systems


@dataclass(frozen=True)
class Run:
    """One run. Its settings never change; its log only grows."""

    version: Version
    name: str

    @cached_property
    def folder(self) -> Path:
        """Holds run.json, events.jsonl, metrics.csv, pictures.jsonl, error.txt and the states."""
        return self.version.inside("runs", self.name)

    @property
    def state_folder(self) -> Path:
        """Holds a folder for each state that the run can be resumed from."""
        return self.folder / "state"

    def holder(self) -> str:
        """The process that trains it, in words; empty where none does."""
        return str(holder_of(self.folder / "lock") or "")

    def held(self) -> AbstractContextManager[None]:
        """While entered, no other process or thread can train it.

        Raises:
            HostBusyError: one does; says which.
        """
        return held(self.folder / "lock", self.name)

    def settings(self) -> dict[str, Any]:
        """run.json.

        Raises:
            ProjectError: there is none, or it holds no settings.
        """
        found = read_json(self.folder / "run.json")
        if not found:
            raise ProjectError(say("{folder}: holds no run.json; name a run of this version", folder=self.folder))
        if not isinstance(found.get("config"), dict):
            raise ProjectError(
                say(
                    "{path}: holds no settings of a run; put it back, or start a new run",
                    path=f"{self.folder}/run.json",
                )
            )
        return found

    def keep(self, name: str, value: Any) -> None:
        """Add a value to run.json; other values stay."""
        write_json(self.folder / "run.json", {**self.settings(), name: value})

    def changed(self) -> bool:
        """Whether it once went on with other data or settings than it began with."""
        return bool(self.settings().get("changes"))

    def keep_pictures(self, rows: Iterable[Sequence[Any]], captions: Iterable[Mapping[str, str]] = repeat({})) -> None:
        """Write pictures.jsonl: what the run is trained on, a row for each picture.

        Args:
            captions: of each picture, by what they are.
        """
        lines = ({"picture": list(row), **words} for row, words in zip(rows, captions, strict=False))
        write_lines(self.folder / "pictures.jsonl", lines)

    def pictures(self) -> list[list[Any]]:
        """The rows of pictures.jsonl; none where it is missing."""
        return [list(line["picture"]) for line in read_lines(self.folder / "pictures.jsonl") if "picture" in line]

    def checkpoint_path(self, step: int, epoch: int, *, last: bool, ends_epoch: bool, averaged: bool = False) -> Path:
        """Where the checkpoint of a step goes: ...-000002 at an epoch's end, ...-step00000123 else, bare at the end.

        Args:
            averaged: whether it is the average of the weights, and others lie beside it: ...-000002-ema.
        """
        stem = _stem(self)
        if not last:
            stem += f"-{epoch:06d}" if ends_epoch else f"-step{step:08d}"
        stem += AVERAGED if averaged else ""
        return self.version.part("checkpoints") / f"{stem}.safetensors"

    def log(self, event: Mapping[str, Any]) -> None:
        """Append one line to events.jsonl."""
        append_line(self.folder / "events.jsonl", event)

    def events(self) -> Iterator[dict[str, Any]]:
        """The log's lines, oldest first; a line torn by a crash is left out."""
        return read_lines(self.folder / "events.jsonl")

    def events_from(self, line: int, count: int) -> list[dict[str, Any]]:
        """Up to ``count`` lines of the log from number ``line`` on, from 0; one torn by a crash is an empty object."""
        return list(islice(read_lines_from(self.folder / "events.jsonl", line), count))

    def checkpoints(self) -> tuple[Path, ...]:
        """Its existing checkpoint files, oldest first."""
        names = (str(event.get("file")) for event in self.events() if event.get("event") == "CheckpointSaved")
        paths = (self.version.inside("checkpoints", name) for name in dict.fromkeys(names))
        return tuple(path for path in paths if path.is_file())

    def curves(self, since: int = 0) -> dict[str, Curve]:
        """Curves of the steps after ``since`` by name: "loss", "lr" with the part, and ``validation_values``."""
        return curves_in(self.folder / "events.jsonl", since)

    def go_on_after(self, step: int) -> None:
        """Prepare the log for resuming after ``step``: drops later lines, which the run will write again."""
        kept = [event for event in self.events() if int(event.get("step", 0)) <= step]
        write_lines(self.folder / "events.jsonl", kept)
        (self.folder / "error.txt").unlink(missing_ok=True)

    def newest(self) -> Newest:
        """The last step in the log, and whether the run finished."""
        return newest_in(self.folder / "events.jsonl")

    def finished(self) -> bool:
        """Whether the run came to its end."""
        return self.newest().finished

    def state_step(self) -> int | None:
        """The step of its newest state, from the state's name; None where there is none."""
        names = [path.name.removeprefix("step-") for path in self.state_folder.glob("step-*")]
        return max((int(name) for name in names if name.isdecimal()), default=None)

    def can_resume(self) -> bool:
        """Whether the run ended early and left a state; whether that is whole shows when it is read."""
        return self.state_step() is not None and not self.finished()

    def keep_error(self, text: str) -> None:
        """Write why the run ended, where that is possible: the error itself matters more than this file."""
        with suppress(OSError):
            write_whole(self.folder / "error.txt", text.encode(errors="replace"))

    def error(self) -> str:
        """Why the run ended; empty when nothing went wrong, or it has gone on since."""
        path = self.folder / "error.txt"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint file with values from its run's log; None where no log records it."""

    path: Path
    run: str | None = None
    step: int | None = None
    epoch: int | None = None
    loss: float | None = None
    """Mean over the last 100 steps before it: that of one step says little."""


def checkpoints_of(version: Version) -> list[Checkpoint]:
    """The version's checkpoints, newest first by run and step; behind them files that no run's log names, by time."""
    known = {found.path: found for run in runs_of(version) for found in _logged(run)}
    found = [known.get(path, Checkpoint(path=path)) for path in version.checkpoints()]
    logged = [one for one in found if one.run]
    logged.sort(key=lambda one: (len(one.run or ""), one.run, one.step), reverse=True)  # r1000 comes after r999
    return logged + [one for one in found if not one.run]


def paths_of(version: Version) -> list[Path]:
    """Files of the version's checkpoints, in the order of ``checkpoints_of``."""
    return [one.path for one in checkpoints_of(version)]


def _logged(run: Run) -> list[Checkpoint]:
    folder = run.version.inside("checkpoints")
    return [
        Checkpoint(path=folder / saved.file, run=run.name, step=saved.step, epoch=saved.epoch, loss=saved.loss)
        for saved in saved_in(run.folder / "events.jsonl")
    ]


def _stem(run: Run) -> str:
    return f"{run.version.project.name}-{run.version.name}-{run.name}"


def new_run(version: Version, settings: Mapping[str, Any]) -> Run:
    """A run with a name that is new in its version, also among checkpoints; two processes at once get two names.

    Raises:
        ProjectError: the names of project and version are too long for checkpoints, or the folder cannot be written to.
    """
    runs = version.part("runs")
    longest = f"{_stem(Run(version, 'r0000'))}-step00000000{AVERAGED}.safetensors"
    if len(longest.encode()) > _LONGEST_FILE:
        raise ProjectError(
            say(
                "{project} {version}: these names are too long for a file that bears both; rename one",
                project=version.project.name,
                version=version.name,
            )
        )
    names = [path.name for path in version.checkpoints()]
    for number in range(1, 10000):
        run = Run(version, f"r{number:03d}")
        if any(name.startswith((f"{_stem(run)}.", f"{_stem(run)}-")) for name in names):
            continue  # of a run whose folder is gone
        try:
            run.folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise ProjectError(
                say(
                    "{runs}: cannot be written to ({why}); {elsewhere}",
                    runs=runs,
                    why=reason(error),
                    elsewhere=ELSEWHERE,
                )
            ) from error
        write_json(run.folder / "run.json", {**settings, "started_at": time.time()})
        made(run.state_folder)
        return run
    raise ProjectError(say("{runs}: holds 9999 runs; make a new version", runs=runs))


def runs_of(version: Version) -> list[Run]:
    """All runs, oldest first."""
    found = scanned(version.inside("runs"))
    return [Run(version, one.name) for one in sorted(found, key=attrgetter("name"))
            if not is_odd(one.name) and os.path.isfile(os.path.join(one.path, "run.json"))]  # fmt: skip


def logs_below(root: Path) -> list[Path]:
    """Logs of all runs of all projects below a root, the one that was written last first."""
    found = []
    for log in root.glob("[!.]*/versions/[!.]*/runs/*/events.jsonl"):
        with suppress(OSError):  # moved away meanwhile
            found.append((log.stat().st_mtime_ns, log))
    return [log for _, log in sorted(found, reverse=True)]


def run_of_job(version: Version, key: str) -> Run | None:
    """The newest run that was begun by the job of this key; None where none was."""
    return next((run for run in reversed(runs_of(version)) if key and run.settings().get("job") == key), None)


def run_named(version: Version, name: str, setting: str = "run") -> Run:
    """The run of that name; for an empty one the newest that can be resumed, or else the newest.

    Args:
        setting: what was given the name, for the error.

    Raises:
        ProjectError: there is none; lists those there are.
    """
    found = runs_of(version)
    if name:
        checked_name(name, setting)
        wanted = [run for run in found if run.name == name]
    else:
        wanted = [run for run in found if run.can_resume()] or found
    if not wanted:
        there = ", ".join(run.name for run in found) or say("none")
        raise ProjectError(
            say("{setting} = {name!r}: {folder} has no such run (it has {there})",
                setting=setting, name=name, folder=version.folder, there=there)
        )  # fmt: skip
    return wanted[-1]
