"""Sweeps of a version: what each was asked to be, and which of the version's runs are its own."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lib_train.errors import ProjectError, reason
from lib_train.store.json_files import read_json, write_json
from lib_train.store.layout import ELSEWHERE, checked_name, folders_in
from lib_train.store.projects import Version
from lib_train.store.runs import Run, runs_of
from lib_train.texts import say

SCHEMA = 1
_FOLDER, _FILE = "sweeps", "sweep.json"
REPORTS = {"html": "report.html", "png": "report.png", "csv": "report.csv"}
"""Files of its report, by kind."""


@dataclass(frozen=True)
class Sweep:
    """Runs of one version that were asked for together. What was asked for never changes."""

    version: Version
    name: str

    @cached_property
    def folder(self) -> Path:
        """Holds sweep.json, the report's files and its pictures."""
        return self.version.inside(_FOLDER, self.name)

    def asked(self) -> dict[str, Any]:
        """sweep.json: made_at, axes (name, values), config (settings that all runs share), size (of pictures), and
        runs: of each key, name and note of its job, changes, steps and base.

        Raises:
            ProjectError: there is none, or it holds no sweep.
        """
        path = self.folder / _FILE
        found = read_json(path)
        if not found:
            raise ProjectError(say("{path}: there is no such sweep; name one of this version", path=path))
        known = found.get("schema") == SCHEMA and isinstance(found.get("config"), dict)
        if not known or not _is_list_of_objects(found.get("runs")) or not _is_list_of_objects(found.get("axes")):
            raise ProjectError(say("{path}: holds no sweep that this version can read; update Train Tools", path=path))
        return found

    def discard(self) -> None:
        """Take back one whose runs came into no queue."""
        (self.folder / _FILE).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def runs(self) -> dict[str, Run]:
        """Its runs that have begun, by the note of their job; of those that were begun anew the newest."""
        facts = {run: _facts_of(run) for run in runs_of(self.version)}
        return {str(one.get("note")): run for run, one in facts.items() if one.get("sweep") == self.name}

    def reports(self) -> dict[str, Path]:
        """Files of its report by kind, those that there are."""
        paths = {kind: self.folder / name for kind, name in REPORTS.items()}
        return {kind: path for kind, path in paths.items() if path.is_file()}


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _facts_of(run: Run) -> Mapping[str, Any]:
    with suppress(ProjectError):
        return run.settings()
    return {}


def new_sweep(version: Version, facts: Callable[[str], Mapping[str, Any]]) -> Sweep:
    """A sweep under a name that is new in its version; two processes at once get two names.

    Args:
        facts: what stands in sweep.json of a sweep of this name.

    Raises:
        ProjectError: its folder cannot be written to; nothing of it is there then.
    """
    place = version.part(_FOLDER)
    for number in range(1, 10000):
        sweep = Sweep(version, f"s{number:03d}")
        try:
            sweep.folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise ProjectError(
                say("{path}: the folder cannot be made ({why}); {elsewhere}",
                    path=sweep.folder, why=reason(error), elsewhere=ELSEWHERE)
            ) from error  # fmt: skip
        try:
            write_json(sweep.folder / _FILE, {"schema": SCHEMA, "made_at": time.time(), **facts(sweep.name)})
        except BaseException:
            sweep.discard()
            raise
        return sweep
    raise ProjectError(say("{folder}: holds 9999 sweeps; make a new version", folder=place))


def sweeps_of(version: Version) -> list[Sweep]:
    """All sweeps, oldest first."""
    names = folders_in(version.inside(_FOLDER))
    return [Sweep(version, name) for name in names if (version.inside(_FOLDER, name) / _FILE).is_file()]


def sweep_named(version: Version, name: str) -> Sweep:
    """The sweep of that name; the newest for an empty one.

    Raises:
        ProjectError: there is none; lists those there are.
    """
    found = sweeps_of(version)
    if name:
        checked_name(name, "sweep")
        found = [one for one in found if one.name == name]
    if not found:
        there = ", ".join(one.name for one in sweeps_of(version)) or say("none")
        raise ProjectError(
            say("sweep = {name!r}: {folder} has no such sweep (it has {there})",
                name=name, folder=version.folder, there=there)
        )  # fmt: skip
    return found[-1]
