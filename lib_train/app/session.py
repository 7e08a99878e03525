"""What the tab can do, whoever looks on. Jobs and what waits behind them outlive pages, browsers and Reload UI."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib_train.app.answers import answer_plan
from lib_train.app.folders import require_inside, require_plain_endings
from lib_train.app.gallery import Gallery
from lib_train.app.kept import KeptSettings
from lib_train.app.listing import runs_of_version
from lib_train.app.projects import Projects
from lib_train.app.results import Results
from lib_train.app.service import Service
from lib_train.app.uploads import Sent, take_in
from lib_train.config.codec import config_of
from lib_train.config.run import RunConfig
from lib_train.error_json import without_root
from lib_train.errors import ConfigError, FileError, HostModelError, Problem, ProjectError, TrainToolsError
from lib_train.files import sweep
from lib_train.host.protocol import Host
from lib_train.jobs.file_facts import own_version
from lib_train.jobs.provenance import Base, base_of, require_same_base
from lib_train.jobs.queue import Job, Queue, Stopped
from lib_train.jobs.space import free_bytes
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from lib_train.store.layout import checked_name
from lib_train.store.runs import paths_of, run_named

Flat = Mapping[str, Any]
"""Settings by name."""


class Session(Results):
    """Use cases of the tab, for one host and one root folder.

    Every method returns quickly, but ``plan``, which looks through the picture folders when they changed.

    Args:
        endings: of caption files that may be written beside ``CAPTIONS``.
    """

    def __init__(self, host: Host, root: Path, endings: Sequence[str] = ()) -> None:
        super().__init__(host, root)
        self._endings = tuple(endings)
        sweep(root)
        self.status = Status(root)
        self._service = Service(host, root, self.status)
        self.gallery = Gallery(host, root, self._service, self._endings)
        self.kept = KeptSettings(root, self._allowed)
        self.wishes = Wishes()
        self.queue = Queue(self.status, self.wishes)
        self.projects = Projects(root, self.queue.require_unused)

    @property
    def busy(self) -> bool:
        """Whether a job is going on."""
        return self.queue.busy

    def seen(self, project: str = "", version: str = "", since: int = 0) -> dict[str, Any]:
        """What the job is doing, and what the chosen version's newest run is; all as JSON values."""
        self.host.forget_missing_loras()
        facts = self.status.seen(since)
        facts["busy"], facts["host_problem"], facts["queue"] = self.busy, self.host.problem(), self.queue.seen()
        facts["wishes"] = self.wishes.seen()
        facts["base_model"] = ""
        with suppress(TrainToolsError):  # what is wrong with the host is told already
            facts["base_model"] = self.host.find("").title
        with suppress(TrainToolsError):
            if project and version:
                there = self._version(project, version)
                facts["runs"], facts["revision"] = runs_of_version(there), there.kept().revision
        return facts

    def jobs(self) -> dict[str, Any]:
        """The job that goes on or was the last, the queue, and a number that grows with every change."""
        job = self.status.job()
        return {"busy": self.busy, "job": job, "queue": self.queue.seen(), "changes": job.pop("changes")}

    def host_facts(self) -> dict[str, Any]:
        """The program around us: what it has loaded, what it can do, and why nothing can be trained now."""
        self.host.forget_missing_loras()
        base_model = ""
        with suppress(TrainToolsError):  # ``problem`` says what is wrong
            base_model = self.host.find("").title
        return {
            "train_tools": own_version(),
            "problem": self.host.problem(),
            "base_model": base_model,
            "device": self.host.device.type,
            "samplers": self.host.samplers(),
            "installs": self.host.lora_folder() is not None,
            "folders_may_be_chosen": self.host.folders_may_be_chosen(),
        }

    def train(self, project: str, version: str, settings: Flat | None = None, revision: int | None = None) -> None:
        """Start a run.

        Args:
            settings: by name, and kept in the version from then on; None takes the version's own.
            revision: of the version's own settings that somebody has looked at.

        Raises:
            TrainToolsError: settings cannot be used, or a job is going on.
        """
        self.queue.start(self._training(project, version, self._asked(project, version, settings, revision, keep=True)))

    def add(self, project: str, version: str, settings: Flat | None = None, revision: int | None = None) -> None:
        """Have a training wait for its turn, with these settings and the base model of now whatever comes after.

        Args:
            settings, revision: as for ``train``.

        Raises:
            TrainToolsError: settings, pictures or base model cannot be used.
        """
        config = self._asked(project, version, settings, revision, keep=True)
        report = self._service.accepted(config, self._version(project, version), self.gallery.scanned)[2]
        ref = self._service.base(config)
        frozen = replace(config, base_model=str(ref.path), vae=str(ref.vae or ""))
        self.queue.add(self._training(project, version, frozen, report.plan.total_steps, base_of(ref)))

    def _asked(
        self, project: str, version: str, settings: Flat | None, revision: int | None = None, keep: bool = False
    ) -> RunConfig:
        """Settings that came with a request, or else those of the version."""
        if settings is None:
            return self.kept.for_run(project, version, revision)
        config, there = self._config(settings), self._version(project, version)
        if keep:
            self.keep_settings(there.project.name, there.name, config)
        return config

    def _training(
        self, project: str, version: str, config: RunConfig, steps: int | None = None, base: Base | None = None
    ) -> Job:
        def do() -> str:
            if not self._version(project, version).folder.is_dir():
                raise ProjectError(f"{project} {version}: was deleted or renamed while it waited; add it again")
            return self._ran(self._service.train(project, version, config, self.wishes, keep=False))

        def ready() -> None:
            self._require_host()
            ref = self._service.base(config)
            if base:
                require_same_base(base, ref)

        return Job(kind="train", project=project, version=version, do=do, ready=ready, steps=steps)

    def resume(self, project: str, version: str, run: str = "", with_changes: bool = False) -> None:
        """Go on with a stopped run; the newest for an empty name.

        Args:
            with_changes: whether also with other data than it began with.

        Raises:
            RunChanged: what the run was made from has changed.
            TrainToolsError: there is no such run, or a job is going on.
        """
        found = run_named(self._version(project, version), run)
        self.queue.require_idle()
        self._require_host()
        with found.held():
            self._service.resumed(found, self.gallery.scanned, with_changes)

        def do() -> str:
            resume = self._service.resume
            return self._ran(resume(project, version, found.name, self.wishes, with_changes=with_changes))

        self._go("resume", project, version, do)

    def preview(self, project: str, version: str, files: Sequence[str], settings: Flat | None = None) -> None:
        """Make pictures of checkpoints, all of the version for none named, with its own settings if none are given.

        Raises:
            TrainToolsError: settings cannot be used, there are no checkpoints, or a job is going on.
        """
        config, there = self._asked(project, version, settings), self._version(project, version)
        chosen = [self.checkpoint(project, version, name) for name in files] or paths_of(there)[::-1]
        if not chosen:
            raise FileError(f"{there.name}: holds no checkpoints yet; train first")

        def drawn() -> str:
            grids = self._service.preview(chosen, config, there, self.wishes.stop)
            if self.wishes.stop.is_set():
                raise Stopped("the pictures made so far are kept")
            return f"{_count(len(grids), 'sheet')} in {grids[0].parent}"

        self._go("preview", project, version, drawn, tuple(chosen))

    def stop(self) -> None:
        """Ask the job to stop between two steps, and the queue to wait."""
        self.queue.stop()

    def _ran(self, outcome: Any) -> str:
        if not outcome.finished:
            raise Stopped(f"{outcome.run.name} is saved and can be resumed")
        return f"{_count(len(outcome.checkpoints), 'checkpoint')} in {outcome.run.version.part('checkpoints')}"

    def _go(self, kind: str, project: str, version: str, do: Callable[[], str], files: tuple[Path, ...] = ()) -> None:
        ready = self._require_host
        self.queue.start(Job(kind=kind, project=project, version=version, do=do, ready=ready, files=files))

    def _require_host(self) -> None:
        if problem := self.host.problem():
            raise HostModelError(problem)

    def keep_settings(self, project: str, version: str, config: RunConfig) -> None:
        """Write the version's settings; keys of other programs in them stay."""
        self._service.version(project, version).keep_settings(config)

    def plan_as_json(self, project: str, version: str, settings: Flat | None = None) -> dict[str, Any]:
        """What a run would do, as JSON values; nothing is written.

        Args:
            settings: by name; None takes the version's own, and what is wrong with its drafts stands in the plan.

        Raises:
            TrainToolsError: settings or base model cannot be used at all.
        """
        there = self._version(project, version)
        kept = self.kept.of(there) if settings is None else None
        config = self._allowed(kept.config if kept else config_of(settings or {}))
        wrong = kept.problems if kept else ()
        try:
            report = self._service.plan(config, there, self.gallery.scanned)
        except ConfigError as error:
            raise ConfigError((*wrong, *error.problems)) from error
        report = replace(report, problems=(*wrong, *report.problems))
        pictures = self._service.count_pictures(config, there.checkpoints())
        room = {"disk_free_bytes": free_bytes(there.folder)}
        return answer_plan(report, self.root) | {"preview_pictures": pictures, **room}

    def upload(self, project: str, version: str, name: str, repeats: int, files: Sequence[Sent]) -> dict[str, Any]:
        """Keep pictures and captions in the version's own folders; nothing is written over.

        Args:
            name, repeats: of the folder ``<repeats>_<name>`` for files that come from no such folder.

        Raises:
            TrainToolsError: a name or number cannot be used.
        """
        if not 1 <= repeats <= 10000:
            raise ConfigError([Problem("repeats", repeats, "must be between 1 and 10000")])
        default = f"{repeats}_{checked_name(name, 'name')}"
        dataset = self._service.version(project, version).part("dataset")
        folder = without_root(str(dataset / "train" / default), self.root)
        return {**take_in(dataset, default, files).told(), "folder": folder}

    def delete_checkpoint(self, project: str, version: str, name: str) -> Path:
        """Move a checkpoint into the trash below the root; returns where it lies.

        Raises:
            TrainToolsError: there is none of this name, or pictures of it are being made.
        """
        path = self.checkpoint(project, version, name)
        self.queue.require_unread(path)
        lies = self._version(project, version).discard(path)
        self.host.forget_missing_loras()
        return lies

    def _config(self, settings: Mapping[str, Any]) -> RunConfig:
        return self._allowed(config_of(settings))

    def _allowed(self, config: RunConfig) -> RunConfig:
        """The settings.

        Raises:
            ConfigError: the host lets nobody choose folders, and one is named that lies outside of the root; or
                captions would end in what may not be written.
        """
        require_plain_endings(config, self._endings)
        if not self.host.folders_may_be_chosen():
            require_inside(config, self.root)
        return config


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
