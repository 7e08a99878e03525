"""What the tab can do, whoever looks on. Jobs and what waits behind them outlive pages, browsers and Reload UI."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from lib_train.app.answers import answer_plan, plainly
from lib_train.app.folders import require_inside, require_plain_endings
from lib_train.app.gallery import Gallery
from lib_train.app.handover import install, installed, take_in
from lib_train.app.listing import card_of, curve_of, grids_of, listed, previews_of, runs_of_version
from lib_train.app.projects import Projects
from lib_train.app.provenance import Base, base_of, require_same_base
from lib_train.app.queue import Job, Queue, Stopped
from lib_train.app.service import Service
from lib_train.app.status import Status
from lib_train.app.wishes import Wishes
from lib_train.config.codec import from_json
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, FileError, HostModelError, Problem, ProjectError
from lib_train.files import sweep
from lib_train.host.protocol import Host
from lib_train.previews.grid import text_of
from lib_train.store.layout import checked_name
from lib_train.store.projects import Project, Version
from lib_train.store.runs import paths_of, run_named
from lib_train.training.report import Report


class Session:
    """Use cases of the tab, for one host and one root folder.

    Every method returns quickly, but ``plan``, which looks through the picture folders when they changed.

    Args:
        endings: of caption files that may be written beside ``PLAIN_ENDINGS``.
    """

    def __init__(self, host: Host, root: Path, endings: Sequence[str] = ()) -> None:
        self.host, self.root, self._endings = host, root, tuple(endings)
        sweep(root)
        self.status = Status(root)
        self._service = Service(host, root, self.status)
        self.gallery = Gallery(host, root, self._service, self._endings)
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
        models = self.host.base_models()
        facts["base_model"] = models[0].title if models else ""
        with suppress(ProjectError):
            if project and version and not facts["busy"]:  # logs of long runs take time to read
                facts["runs"] = runs_of_version(self._version(project, version))
        return facts

    def train(self, project: str, version: str, settings: Mapping[str, Any]) -> None:
        """Start a run with flat settings by name.

        Raises:
            TrainToolsError: settings cannot be used, or a job is going on.
        """
        self.queue.start(self._training(project, version, self._kept(project, version, settings)))

    def add(self, project: str, version: str, settings: Mapping[str, Any]) -> None:
        """Have a training wait for its turn, with these settings and the base model of now whatever comes after.

        Raises:
            TrainToolsError: settings, pictures or base model cannot be used.
        """
        config = self._kept(project, version, settings)
        report = self._service.accepted(config, self._version(project, version), self.gallery.scanned)[2]
        ref = self._service.base(config)
        frozen = replace(config, base_model=str(ref.path), vae=str(ref.vae or ""))
        self.queue.add(self._training(project, version, frozen, report.plan.total_steps, base_of(ref)))

    def _kept(self, project: str, version: str, settings: Mapping[str, Any]) -> RunConfig:
        config = self._config(settings)
        checked_name(project, "project")
        checked_name(version, "version")
        self.keep_settings(project, version, config)
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

    def preview(self, project: str, version: str, files: Sequence[str], settings: Mapping[str, Any]) -> None:
        """Make pictures of checkpoints, all of the version for none named.

        Raises:
            TrainToolsError: settings cannot be used, there are no checkpoints, or a job is going on.
        """
        config, there = self._config(settings), self._version(project, version)
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

    def plan(self, project: str, version: str, settings: Mapping[str, Any]) -> Report:
        """What a run with these settings would do.

        Raises:
            TrainToolsError: settings or base model cannot be used at all.
        """
        config, there = self._config(settings), self._version(project, version)
        return self._service.plan(config, there, self.gallery.scanned)

    def keep_settings(self, project: str, version: str, config: RunConfig) -> None:
        """Write the version's settings; keys of other programs in them stay."""
        self._service.version(project, version).keep_settings(config)

    def settings(self, project: str, version: str) -> RunConfig:
        """The version's settings; those of a fresh version are the defaults."""
        return self._version(project, version).settings()[0]

    def checkpoint(self, project: str, version: str, name: str) -> Path:
        """A checkpoint file of a version by its name.

        Raises:
            ProjectError: there is none of this name.
        """
        found = (path for path in self._version(project, version).checkpoints() if path.name == name)
        if (path := next(found, None)) is None or not path.resolve().is_relative_to(self.root.resolve()):
            raise ProjectError(f"checkpoint = {name!r}: there is none of this name; refresh the list")
        return path

    def checkpoints(self, project: str, version: str) -> list[dict[str, Any]]:
        """The version's checkpoints, newest first, with step, loss, size, previews, and whether the host has them."""
        found = listed(self._version(project, version))
        return [{**one, "installed": installed(self.host, Path(one["path"]))} for one in found]

    def base_previews(self, project: str, version: str) -> list[str]:
        """Pictures of the base model alone: what weight 0 of every checkpoint shows."""
        return [str(path) for path in previews_of(self._version(project, version), "base")]

    def grids(self, project: str, version: str) -> list[str]:
        """Comparison sheets, newest first."""
        return [str(path) for path in grids_of(self._version(project, version))]

    def curve(self, project: str, version: str, run: str) -> dict[str, Any]:
        """Losses of an earlier run."""
        return {"curve": curve_of(self._version(project, version), checked_name(run, "run"))}

    def plan_as_json(self, project: str, version: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The plan as JSON values; the settings are kept in the version, as they can be used."""
        config = self._config(settings)
        self.keep_settings(project, version, config)
        report = self.plan(project, version, settings)
        found = self._version(project, version).checkpoints()
        return answer_plan(report, self.root) | {"preview_pictures": self._service.count_pictures(config, found)}

    def upload(
        self, project: str, version: str, name: str, repeats: int, files: Sequence[tuple[str, IO[bytes]]]
    ) -> dict[str, Any]:
        """Keep pictures and caption files in the version's own folder ``<repeats>_<name>``; nothing is written over.

        Raises:
            TrainToolsError: a name cannot be used, or a file of another content is there.
        """
        there = self._service.version(project, version)
        if not 1 <= repeats <= 10000:
            raise ConfigError([Problem("repeats", repeats, "must be between 1 and 10000")])
        folder = there.part("dataset", "train", f"{repeats}_{checked_name(name, 'name')}")
        kept, refused = take_in(folder, files)
        return {"kept": kept, "refused": refused, "folder": plainly(str(folder), self.root)}

    def install(self, project: str, version: str, name: str) -> Path:
        """Copy a checkpoint into the host's LoRA folder with a card: trigger words, weight, picture.

        Raises:
            TrainToolsError: the host has no such folder, or another file of this name lies there.
        """
        source = self.checkpoint(project, version, name)
        card, picture = card_of(self._version(project, version), source, self.settings(project, version))
        return install(self.host, source, card, picture)

    def sent(self, project: str, version: str, picture: str) -> dict[str, Any]:
        """A preview's infotext, with its LoRA made known to the host: what txt2img needs to make it again.

        Raises:
            ProjectError: it is no preview of this version.
        """
        there, path = self._version(project, version), Path(picture)
        known = {str(found): found for found in (there.folder / "previews").glob("*/*.png")}
        if picture not in known:
            raise ProjectError(f"picture = {path.name!r}: is no preview of {project} {version}; refresh the list")
        checkpoint = there.folder / "checkpoints" / f"{path.parent.name}.safetensors"
        if checkpoint.is_file():
            self.host.offer_lora(checkpoint)
        return {"infotext": text_of(known[picture])}

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

    def _version(self, project: str, version: str) -> Version:
        return Version(Project(self.root, checked_name(project, "project")), checked_name(version, "version"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def config_of(settings: Mapping[str, Any]) -> RunConfig:
    """Settings from flat values by name, as forms and requests give them.

    Raises:
        ConfigError: names every setting that cannot be used.
    """
    return from_json({"schema": 1}, settings)[0]
