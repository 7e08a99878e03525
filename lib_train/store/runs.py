"""Runs of a version: settings, log, state, error text."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_train.errors import ProjectError
from lib_train.store.layout import checked_name, made
from lib_train.store.projects import Version, read_json, write_json


@dataclass(frozen=True)
class Run:
    """One run. Its settings never change; its log only grows."""

    version: Version
    name: str

    @property
    def folder(self) -> Path:
        return self.version.folder / "runs" / self.name

    @property
    def state_folder(self) -> Path:
        return self.folder / "state"

    def settings(self) -> dict[str, Any]:
        """run.json.

        Raises:
            ProjectError: there is none.
        """
        found = read_json(self.folder / "run.json")
        if not found:
            raise ProjectError(f"{self.folder}: holds no run.json; name a run of this version")
        return found

    def checkpoint_path(self, step: int, epoch: int, *, last: bool, ends_epoch: bool) -> Path:
        """Where the checkpoint of a step goes: ...-000002 at an epoch's end, ...-step00000123 else, bare at the end."""
        stem = f"{self.version.project.name}-{self.version.name}-{self.name}"
        if not last:
            stem += f"-{epoch:06d}" if ends_epoch else f"-step{step:08d}"
        return self.version.part("checkpoints") / f"{stem}.safetensors"

    def log(self, event: Mapping[str, Any]) -> None:
        """Append one line to events.jsonl."""
        with (self.folder / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def events(self) -> Iterator[dict[str, Any]]:
        """The log's lines, oldest first; a line torn by a crash is left out."""
        path = self.folder / "events.jsonl"
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event

    def forget_after(self, step: int) -> None:
        """Drop log lines of steps after ``step``: the run goes on from there and writes them anew."""
        path = self.folder / "events.jsonl"
        if not path.exists():
            return
        kept = [event for event in self.events() if int(event.get("step", 0)) <= step]
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        partial.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in kept), encoding="utf-8")
        os.replace(partial, path)

    def finished(self) -> bool:
        """Whether the run came to its end."""
        return any(event.get("event") == "RunFinished" for event in self.events())

    def keep_error(self, text: str) -> Path:
        """Write why the run ended; returns the file."""
        path = self.folder / "error.txt"
        path.write_text(text, encoding="utf-8")
        return path


def new_run(version: Version, settings: Mapping[str, Any]) -> Run:
    """A run with a name that is new in its version; two processes at once get two names."""
    runs = version.part("runs")
    for number in range(1, 10000):
        run = Run(version, f"r{number:03d}")
        try:
            run.folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise ProjectError(f"{runs}: cannot be written to ({error.strerror}); choose another --output") from error
        write_json(run.folder / "run.json", {**settings, "started_at": time.time()})
        made(run.state_folder)
        return run
    raise ProjectError(f"{runs}: holds 9999 runs; make a new version")


def runs_of(version: Version) -> list[Run]:
    """All runs, oldest first."""
    folder = version.folder / "runs"
    found = sorted(path.name for path in folder.iterdir() if (path / "run.json").exists()) if folder.is_dir() else []
    return [Run(version, name) for name in found]


def run_named(version: Version, name: str) -> Run:
    """The run of that name; the newest for an empty one.

    Raises:
        ProjectError: there is none; lists those there are.
    """
    found = runs_of(version)
    if name:
        checked_name(name, "resume")
        found = [run for run in found if run.name == name]
    if not found:
        there = ", ".join(run.name for run in runs_of(version)) or "none"
        raise ProjectError(f"resume = {name!r}: {version.folder} has no such run (it has {there})")
    return found[-1]
