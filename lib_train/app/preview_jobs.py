"""Previews as jobs, and what jobs of all kinds need."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lib_train.app.drawings import require_blocks, require_drawable
from lib_train.app.fits import size_for
from lib_train.app.kept import KeptSettings
from lib_train.app.lora_files import LoraFiles
from lib_train.app.results import Results
from lib_train.app.service import Service
from lib_train.config.codec import from_json, to_json
from lib_train.config.run import RunConfig
from lib_train.config.sheet_lines import values_of
from lib_train.errors import FileError, HostModelError
from lib_train.host.protocol import Host
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.wishes import Wishes
from lib_train.store.runs import paths_of
from lib_train.texts import say

Flat = Mapping[str, Any]
"""Settings by name."""


class PreviewJobs:
    """Gives previews to the queue, and carries them out."""

    def __init__(
        self, service: Service, results: Results, files: LoraFiles, kept: KeptSettings, queue: Queue, wishes: Wishes
    ) -> None:
        self._service, self._results, self._files, self._kept = service, results, files, kept
        self._queue, self._wishes = queue, wishes
        queue.kinds["preview"] = self._previewing

    def preview(
        self, project: str, version: str, files: Sequence[str], settings: Flat | None = None, put: Put | None = None,
        *, reuses: bool = False,
    ) -> None:  # fmt: skip
        """Make pictures of checkpoints.

        Args:
            files: names of checkpoints of the version, or of any files as ``LoraFiles`` has them; none takes all of
                the version that there are when it begins.
            settings: by name; None takes the version's own.
            put: what becomes of the job; None starts it at once.
            reuses: whether pictures that are there are kept and not made again.

        Raises:
            TrainToolsError: settings cannot be used, there are no checkpoints, or a job is running.
        """
        kept = self._kept
        config = kept.for_run(project, version) if settings is None else kept.permitted.config_of(settings)
        wanted = {"files": list(files), "settings": to_json(config), **({"reuses": True} if reuses else {})}
        job = Job(kind="preview", project=project, version=version, config=wanted)
        if put is None:
            return self._queue.start(job)
        self._require_drawable(config)
        for name in files:
            self._file(project, version, name)
        put(job)
        return None

    def _previewing(self, job: Job) -> Task:
        config, files = from_json(job.config.get("settings", {}))[0], list(map(str, job.config.get("files", ())))
        there = self._results.versions.named(job.project, job.version)
        chosen = [self._file(job.project, job.version, name) for name in files] or paths_of(there)[::-1]
        if not chosen:
            raise FileError(say("{version}: holds no checkpoints yet; train first", version=there.name))
        self._require_drawable(config)

        def do() -> str:
            reuses = job.again or bool(job.config.get("reuses"))
            sheets = self._service.preview(chosen, config, there, self._wishes.stop, reuses, not files)
            if self._wishes.stop.is_set():
                raise Stopped(say("the pictures made so far are kept"))
            count, folder = len(sheets), sheets[0].parent
            if count == 1:
                return say("1 sheet in {folder}", folder=folder)
            return say("{count} sheets in {folder}", count=count, folder=folder)

        return Task(do=do, ready=partial(require_host, self._service.host), files=tuple(chosen))

    def _require_drawable(self, config: RunConfig) -> None:
        require_drawable(self._service.host, config)
        if config.preview.preview_block_weights or values_of(config.preview.preview_sheets, "blocks"):
            require_blocks(self._service.host, config.preview, size_for(self._service.host, config).family)

    def _file(self, project: str, version: str, name: str) -> Path:
        if any(sign in name for sign in "/\\:"):
            return self._files.path(name, "checkpoints")
        return self._results.checkpoint(project, version, name)


def require_host(host: Host) -> None:
    """Check that the host can train and draw now.

    Raises:
        HostModelError: it cannot; says why.
    """
    if problem := host.problem():
        raise HostModelError(problem)
