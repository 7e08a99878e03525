"""The use cases: plan, train, resume, preview. The same for command line, tab and HTTP; the host comes in."""

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Event as Flag

from lib_train.app.facts import run_facts
from lib_train.app.jobs import Sink, pump, stopping_on_signals, told_in_words
from lib_train.app.listener import Listener, Nobody
from lib_train.app.sinks import CheckpointWriter, LogWriter, Previews, StateWriter
from lib_train.checkpoints.inspect import described
from lib_train.checkpoints.metadata import RunFacts, network_metadata
from lib_train.checkpoints.resume import latest_state, read_state
from lib_train.config.codec import from_json, to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.dataset.records import Scan
from lib_train.dataset.scan import require_usable, scan
from lib_train.errors import BaseModelChanged, ConfigError, FileError, Problem, ProjectError
from lib_train.host.protocol import BaseModel, Host
from lib_train.previews.grid import grid, save_png
from lib_train.previews.requests import Sheet, distinct, sheets
from lib_train.store.projects import Version, open_project
from lib_train.store.runs import Run, new_run, run_named
from lib_train.training.assemble import Assembly, assemble
from lib_train.training.report import Report, report_of

__all__ = ["Outcome", "Service", "described"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    run: Run
    finished: bool
    checkpoints: tuple[Path, ...]
    """Those that this process wrote or found of the run, oldest first."""
    grids: tuple[Path, ...] = ()


class Service:
    """Use cases on one host, below one root folder.

    Args:
        listener: who is told of progress; None is nobody.
        signals: whether Ctrl-C stops a run between two steps; only in the main thread.
    """

    def __init__(self, host: Host, root: Path, listener: Listener | None = None, signals: bool = False) -> None:
        self.host, self.root = host, root
        self.listener: Listener = listener or Nobody()
        self._signals = signals

    def plan(
        self, config: RunConfig, version: Version | None = None, look: Callable[[DatasetConfig], Scan] | None = None
    ) -> Report:
        """What a run would do, and everything that is wrong with it; nothing is written.

        Args:
            look: finds the pictures; callers that ask often give one that remembers.

        Raises:
            TrainToolsError: settings, base model or folders cannot be used at all.
        """
        config = self.with_folders(config, version)
        self._check(config)
        found = look(config.dataset) if look else self._scanned(config)
        size = self.host.size_of(self.host.find(config.base_model, config.vae))
        return report_of(config, found, size, self.host.device.type)

    def version(self, project: str, version: str) -> Version:
        """The version of that name, made where it is missing."""
        return open_project(self.root, project).version(version)

    def train(self, project: str, version: str, config: RunConfig, stop: Flag | None = None) -> Outcome:
        """Start a run and see it through.

        Raises:
            TrainToolsError: it cannot start, or ended early; what was saved before is kept.
        """
        there = Version(open_project(self.root, project), version)
        asked, config = config, self.with_folders(config, there)
        self._check(config)
        found = self._scanned(config)
        require_usable(found, config.dataset)
        ref = self.host.find(config.base_model, config.vae)
        report = report_of(config, found, self.host.size_of(ref), self.host.device.type)
        faults = [problem for problem in report.problems if problem not in found.problems]
        if faults:
            raise ConfigError(faults)
        place = self.version(project, version)
        self._require_space(place.folder, report.disk_bytes)
        for note in report.notes:
            self.listener.said(f"note: {note}")
        place.keep_settings(asked)
        run = new_run(place, {"config": to_json(asked), "session_id": random.SystemRandom().randrange(2**32)})
        return self._go(run, config, found, None, stop)

    def resume(self, project: str, version: str, name: str = "", stop: Flag | None = None) -> Outcome:
        """Go on with a stopped or killed run from its newest whole state.

        Raises:
            TrainToolsError: there is no such run, it is finished, or holds no state.
        """
        run = run_named(Version(open_project(self.root, project), version), name)
        config = self.with_folders(from_json(run.settings()["config"])[0], run.version)
        if run.finished():
            raise ProjectError(f"resume = {run.name!r}: the run is finished; start a new one")
        state = latest_state(run.state_folder)
        if state is None:
            raise ProjectError(f"resume = {run.name!r}: {run.state_folder} holds no whole state; start a new run")
        found = self._scanned(config)
        require_usable(found, config.dataset)
        return self._go(run, config, found, state, stop)

    def _go(self, run: Run, config: RunConfig, found: Scan, state: Path | None, stop: Flag | None) -> Outcome:
        stop = stop or Flag()
        ref = self.host.find(config.base_model, config.vae)
        try:
            with told_in_words(run.keep_error), self.host.borrow(ref) as model:
                return self._run(run, config, found, model, state, stop)
        finally:
            self.listener.ended()

    def _run(
        self, run: Run, config: RunConfig, found: Scan, model: BaseModel, state: Path | None, stop: Flag
    ) -> Outcome:
        assembly = assemble(config, found, model, run.version.part("cache"))
        for what, done, total in assembly.prepare():
            self.listener.working(what, done, total)
            if not model.between_steps(done, total, nullcontext):
                stop.set()
            if stop.is_set():
                break
        if state is not None:
            tensors, facts = read_state(state)
            assembly.trainer.load_state(tensors, facts)
            run.go_on_after(int(facts["step"]))
            self.listener.said(f"resuming {run.name} after step {facts['step']}")
        finished = not stop.is_set() and self._pump(run, config, found, model, assembly, stop)
        if not finished:
            StateWriter(run, assembly.trainer).write()
        names = [str(event["file"]) for event in run.events() if event.get("event") == "CheckpointSaved"]
        written = tuple(run.version.part("checkpoints") / name for name in dict.fromkeys(names))
        grids: tuple[Path, ...] = ()
        if finished and config.preview.preview_after_training and config.preview.preview_prompts:
            grids = tuple(self.draw(model, run.version, written, config.preview, config))
        return Outcome(run, finished, written, grids)

    def _pump(self, run: Run, config: RunConfig, found: Scan, model: BaseModel, assembly: Assembly, stop: Flag) -> bool:
        @cache
        def facts() -> RunFacts:  # at the first checkpoint: hashing a base model takes seconds
            return run_facts(run, config, found, model, assembly)

        def metadata(stem: str, step: int, epoch: int) -> dict[str, str]:
            return network_metadata(config, facts(), stem=stem, step=step, epoch=epoch)

        def draw(network: Path) -> None:
            list(self.draw(model, run.version, [network], config.preview, config))

        trainer, plan, tell = assembly.trainer, assembly.plan, self.listener
        checkpoints = CheckpointWriter(run, plan, metadata, config.training.save_precision, tell.wrote)
        states = StateWriter(run, trainer)
        previews = Previews(config.preview, plan, trainer, checkpoints, draw, tell.said)
        sinks: list[Sink] = [checkpoints, states, LogWriter(run), previews, lambda event: tell.trained(event, plan)]
        try:
            with stopping_on_signals(stop) if self._signals else nullcontext():
                return pump(trainer, model, sinks, stop)
        except BaseModelChanged:
            states.write()
            raise

    def preview(self, networks: Sequence[Path], config: PreviewConfig, base_model: str, vae: str, size: tuple[int, int],
                version: Version) -> list[Path]:  # fmt: skip
        """Pictures and grids of checkpoint files; returns the grids.

        Raises:
            TrainToolsError: a file, the sampler or the base model cannot be used.
        """
        if not config.preview_prompts:
            raise ConfigError([Problem("preview_prompts", (), "give at least one prompt")])
        run = RunConfig(base_model=base_model, vae=vae)
        with self.host.borrow(self.host.find(base_model, vae)) as model:
            return list(self.draw(model, version, networks, config, run, size))

    def draw(
        self,
        model: BaseModel,
        version: Version,
        networks: Sequence[Path],
        config: PreviewConfig,
        run: RunConfig,
        size: tuple[int, int] | None = None,
    ) -> Iterator[Path]:
        """Make previews on a borrowed model that carries no network; yields each grid's path as it is written."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        for number, sheet in enumerate(sheets(config, networks, size or run.dataset.size, run.training.clip_skip), 1):
            drawn = {}
            asked = distinct(sheet)
            for request, (picture, text) in zip(asked, self.host.render(model, asked), strict=True):
                drawn[request] = picture
                self.listener.working("previews", len(drawn), len(asked))
                owner = request.network.stem if request.network else "base"
                name = f"{owner}-p{number}-s{request.seed}-w{request.weight:g}.png"
                file = _fresh(version.part("previews", owner) / name)
                save_png(picture, text, file)
                self.listener.wrote(file)
            rows = [[drawn[cell] for cell in row] for row in sheet.cells]
            columns = [f"{weight:g}" for weight in sheet.weights]
            picture = grid(rows, _labels(sheet), columns, f"{sheet.prompt}   seed {sheet.seed}")
            path = _fresh(version.part("previews") / f"grid-{stamp}-p{number}-s{sheet.seed}.png")
            save_png(picture, {"parameters": sheet.prompt}, path)
            self.listener.wrote(path)
            yield path

    def _scanned(self, config: RunConfig) -> Scan:
        return scan(config.dataset, lambda done, total: self.listener.working("pictures", done, total))

    def with_folders(self, config: RunConfig, version: Version | None) -> RunConfig:
        """The version's own picture folders where the settings name none."""
        dataset = config.dataset
        if version and not dataset.train_data_dir and (train := version.pictures("train")):
            dataset = replace(dataset, train_data_dir=(str(train),))
            if not dataset.reg_data_dir and (reg := version.pictures("reg")):
                dataset = replace(dataset, reg_data_dir=(str(reg),))
        return replace(config, dataset=dataset)

    def _check(self, config: RunConfig) -> None:
        if not config.dataset.train_data_dir:
            remedy = "name a folder that holds <repeats>_<name> folders of pictures"
            raise ConfigError([Problem("train_data_dir", (), remedy)])
        sampler = config.preview.preview_sampler
        if config.preview.preview_prompts and sampler not in self.host.samplers():
            choices = ", ".join(self.host.samplers())
            raise ConfigError([Problem("preview_sampler", sampler, f"choose one of {choices}")])

    def _require_space(self, folder: Path, needed: int) -> None:
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise FileError(
                f"{folder}: {needed / 2**20:.0f} MiB are needed and {free / 2**20:.0f} MiB free; "
                "make room, save less often, or choose another --output"
            )


def _fresh(path: Path) -> Path:
    """The path, with a number behind it when there is a file already."""
    number, fresh = 2, path
    while fresh.exists():
        fresh, number = path.with_stem(f"{path.stem}-{number}"), number + 1
    return fresh


def _labels(sheet: Sheet) -> list[str]:
    """What tells the rows apart: the ends of the files' names, after what they share."""
    stems = [path.stem for path in sheet.networks]
    if len(stems) == 1:
        return stems
    shared = 0
    while all(len(stem) > shared and stem[shared] == stems[0][shared] for stem in stems):
        shared += 1
    return [stem[shared:].lstrip("-0") or "last" for stem in stems]
