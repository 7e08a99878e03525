"""Pictures that come into a version: uploaded, or from a folder or archive on this machine, in the background."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

from lib_train.app.folders import Permitted
from lib_train.app.versions import Versions
from lib_train.error_json import error_json, without_root
from lib_train.errors import ConfigError, Problem, ProjectError
from lib_train.pictures.archives import Source
from lib_train.pictures.arrivals import Ground, Taken
from lib_train.pictures.imports import GoOn, take_in
from lib_train.pictures.sources import gathered, sent
from lib_train.store.layout import checked_name
from lib_train.store.projects import Version
from lib_train.texts import say

Sent = tuple[str, IO[bytes]]
"""A path as a browser tells it, and the content."""
_REMEMBERED = 20


@dataclass
class _Import:
    """One import, as far as it is."""

    number: int
    project: str
    version: str
    done: int = 0
    total: int = 0
    cancelled: bool = False
    ended: bool = False
    error: Exception | None = None
    taken: Taken = field(default_factory=Taken)

    def go_on(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        return not self.cancelled


class Imports:
    """Of all versions below one root; forgotten when the process ends."""

    def __init__(self, versions: Versions, permitted: Permitted) -> None:
        self._versions, self._permitted, self._root = versions, permitted, versions.root
        self._numbers, self._lock = count(1), threading.Lock()
        self._known: dict[int, _Import] = {}

    def upload(
        self, project: str, version: str, name: str, repeats: int, files: Sequence[Sent], prompts: bool = False
    ) -> dict[str, Any]:
        """Keep pictures and captions in the version's own folders; nothing is written over. A zip is unpacked.

        Args:
            name, repeats: of the folder ``<repeats>_<name>`` for files that come from no such folder.
            prompts: whether pictures without a caption get the prompt that they were made with.

        Raises:
            TrainToolsError: there is no such version, or a name or number cannot be used.
        """
        there, default = self._versions.existing(project, version), default_folder(name, repeats)
        job = self._begun(project, version)
        self._carry_out(job, there, default, [sent(*one) for one in files], prompts)
        if job.error:
            raise job.error
        folder = without_root(str(there.part("dataset") / "train" / default), self._root)
        return {**job.taken.to_json(), "folder": folder}

    def start(
        self, project: str, version: str, path: str, name: str, repeats: int, prompts: bool = False
    ) -> dict[str, Any]:
        """Begin to copy a folder, zip or picture of this machine into the version; see ``upload`` and ``one``.

        Raises:
            ConfigError: there is no such path, or it may not be chosen here.
            TrainToolsError: see ``upload``.
        """
        there, default = self._versions.existing(project, version), default_folder(name, repeats)
        source = self._permitted.path("path", path)
        job = self._begun(project, version)
        work = (job, there, default, [source], prompts)
        threading.Thread(target=self._carry_out, args=work, name=f"import-{job.number}", daemon=True).start()
        return self._facts(job)

    def listed(self, project: str, version: str) -> list[dict[str, Any]]:
        """The version's imports of this process, newest first."""
        self._versions.existing(project, version)
        jobs = [*self._known.values()][::-1]
        return [self._facts(job) for job in jobs if (job.project, job.version) == (project, version)]

    def one(self, project: str, version: str, number: int) -> dict[str, Any]:
        """How far an import is, and what came of it.

        Raises:
            ProjectError: there is none of this number.
        """
        return self._facts(self._job(project, version, number))

    def cancel(self, project: str, version: str, number: int) -> dict[str, Any]:
        """Stop an import after its present file; what it wrote goes. One that has ended stays.

        Raises:
            ProjectError: there is none of this number.
        """
        job = self._job(project, version, number)
        job.cancelled = job.cancelled or not job.ended
        return self._facts(job)

    def _begun(self, project: str, version: str) -> _Import:
        with self._lock:
            job = _Import(next(self._numbers), project, version)
            self._known[job.number] = job
            for number in [one for one, known in self._known.items() if known.ended][:-_REMEMBERED]:
                del self._known[number]
        return job

    def _job(self, project: str, version: str, number: int) -> _Import:
        job = self._known.get(number)
        if job is None or (job.project, job.version) != (project, version):
            raise ProjectError(say("import {number}: there is none; ask for the list of imports", number=number))
        return job

    @staticmethod
    def _carry_out(job: _Import, there: Version, default: str, given: Sequence[Source | Path], prompts: bool) -> None:
        try:
            with there.filled():
                job.taken = take_all(Ground.of_version(there.folder), default, given, prompts=prompts, go_on=job.go_on)
        except Exception as error:  # shown by whoever asks what came of it
            job.error = error
        finally:
            job.ended = True

    def _facts(self, job: _Import) -> dict[str, Any]:
        error = error_json(job.error, self._root) if job.error else None
        return {"number": job.number, "done": job.done, "total": job.total, "ended": job.ended, "error": error,
                "taken": job.taken.to_json()}  # fmt: skip


def take_all(
    ground: Ground, default: str, given: Sequence[Source | Path], *, prompts: bool, go_on: GoOn, dry_run: bool = False
) -> Taken:
    """Take in all that is in what is given, archives and folders too; see ``pictures.imports.take_in``."""
    with gathered(given) as found:
        taken = take_in(ground, default, found.sources, captions_from_prompts=prompts, dry_run=dry_run, go_on=go_on)
    taken.refused[:0] = [] if taken.cancelled else found.refused
    return taken


def default_folder(name: str, repeats: int) -> str:
    """Name of the folder for files that come from no <repeats>_<name> folder.

    Raises:
        TrainToolsError: the name or the number cannot be used.
    """
    if not 1 <= repeats <= 10000:
        raise ConfigError([Problem("repeats", repeats, say("must be between 1 and 10000"))])
    return f"{repeats}_{checked_name(name, 'name')}"
