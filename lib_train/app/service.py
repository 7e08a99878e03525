"""The use cases: plan, train, resume, preview. The same for command line, tab and HTTP; the host comes in."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import torch

from lib_train.checkpoints.inspect import described, require_sound
from lib_train.config.codec import to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import BaseModelRef, Host, ModelSize
from lib_train.jobs.drawing import draw
from lib_train.jobs.listener import Listener, Nobody
from lib_train.jobs.outcome import Outcome
from lib_train.jobs.resuming import Start, resumed
from lib_train.jobs.running import TO_DRAW_WITH_LESS, memory_given_back, told_in_words
from lib_train.jobs.space import require_space, space_problems
from lib_train.jobs.training_run import run_to_end
from lib_train.jobs.wishes import Wishes
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import require_usable, scan
from lib_train.planning.pace import Pace, kind_of
from lib_train.planning.report import Report, report_of
from lib_train.previews.requests import distinct, sheets
from lib_train.store.projects import Version, open_project
from lib_train.store.runs import Run, new_run, run_named

__all__ = ["Outcome", "Service", "described"]


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
        self._pace = Pace(root)
        self._tokens: dict[str, int] = {}

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
        found = (look or self._scanned)(config.dataset)
        size, device = self._sized(config)
        pace = self._pace.of(kind_of(config, size, device))
        report = report_of(config, found, size, device, pace, self._count_tokens)
        room = space_problems(version.folder if version else self.root, report.disk_bytes)
        return replace(report, problems=(*report.problems, *room))

    def _count_tokens(self, captions: Sequence[str]) -> list[int]:
        """As the host counts them; each caption once, as plans are asked for at every key."""
        if new := [caption for caption in dict.fromkeys(captions) if caption not in self._tokens]:
            self._tokens = {**self._tokens, **dict(zip(new, self.host.count_tokens(new), strict=True))}
        return [self._tokens[caption] for caption in captions]

    def _sized(self, config: RunConfig) -> tuple[ModelSize, str]:
        return self.host.size_of(self.base(config)), self.host.device.type

    def base(self, config: RunConfig) -> BaseModelRef:
        """The base model that the settings name."""
        return self.host.find(config.base_model, config.vae, config.prediction_type)

    def version(self, project: str, version: str) -> Version:
        """The version of that name, made where it is missing."""
        return open_project(self.root, project).version(version)

    def accepted(
        self, config: RunConfig, version: Version, look: Callable[[DatasetConfig], Scan] | None = None
    ) -> tuple[RunConfig, Scan, Report]:
        """The settings with their folders, the pictures, and the plan of a run that can start.

        Raises:
            TrainToolsError: it cannot.
        """
        config = self.with_folders(config, version)
        self._check(config)
        found = (look or self._scanned)(config.dataset)
        require_usable(found, config.dataset)
        report = report_of(config, found, *self._sized(config), count_tokens=self._count_tokens)
        faults = [problem for problem in report.problems if problem not in found.problems]
        if faults:
            raise ConfigError(faults)
        return config, found, report

    def train(
        self, project: str, version: str, config: RunConfig, wishes: Wishes | None = None, keep: bool = True
    ) -> Outcome:
        """Start a run and see it through.

        Args:
            keep: whether the settings become the version's.

        Raises:
            TrainToolsError: it cannot start, or ended early; what was saved before is kept.
        """
        asked = config
        config, found, report = self.accepted(config, Version(open_project(self.root, project), version))
        place = self.version(project, version)
        require_space(place.folder, report.disk_bytes)
        for note in report.notes:
            self.listener.said(f"note: {note}")
        if keep:
            place.keep_settings(asked)
        settings, kind = to_json(asked), kind_of(config, *self._sized(config))
        facts = {"session_id": random.SystemRandom().randrange(2**32), "threads": torch.get_num_threads()}
        run = new_run(place, {"config": settings, **facts, "kind": kind})
        start = Start(run=run, config=config, found=found, ref=self.base(config), settings=settings)
        with run.held():
            return self._run(start, wishes)

    def resume(
        self,
        project: str,
        version: str,
        name: str = "",
        wishes: Wishes | None = None,
        *,
        with_changes: bool = False,
        places: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Go on with a stopped or killed run from its newest whole state.

        Args:
            with_changes, places: as for ``resumed``.

        Raises:
            RunChanged: what the run was made from has changed.
            TrainToolsError: there is no such run, it is finished, holds no state, or another process trains it.
        """
        run = run_named(Version(open_project(self.root, project), version), name)
        with run.held():
            return self._run(self.resumed(run, self._scanned, with_changes, places), wishes)

    def resumed(
        self,
        run: Run,
        look: Callable[[DatasetConfig], Scan],
        with_changes: bool = False,
        places: Mapping[str, Any] | None = None,
    ) -> Start:
        """How a run would go on; see ``resuming.resumed``."""
        return resumed(self.host, run, self.with_folders, look, with_changes=with_changes, places=places)

    def _run(self, start: Start, wishes: Wishes | None) -> Outcome:
        return run_to_end(self.host, start, self.listener, wishes or Wishes(), self._signals)

    def preview(
        self, networks: Sequence[Path], config: RunConfig, version: Version, stop: Flag | None = None
    ) -> list[Path]:
        """Pictures and grids of checkpoint files; returns the grids.

        Raises:
            TrainToolsError: a file, the sampler or the base model cannot be used.
        """
        if not config.preview.preview_prompts:
            raise ConfigError([Problem("preview_prompts", (), "give at least one prompt")])
        self._require_samplers(config.preview)
        require_sound(networks)
        ref = self.base(config)
        with (
            version.drawn(),
            told_in_words(str, TO_DRAW_WITH_LESS),
            self.host.borrow(ref) as model,
            memory_given_back(),
        ):
            return list(draw(self.host, model, self.listener, version, networks, config, stop or Flag()))

    def count_pictures(self, config: RunConfig, networks: Sequence[Path]) -> int:
        """How many pictures ``preview`` would make of these files."""
        return sum(len(distinct(sheet)) for sheet in sheets(config.preview, networks, config.dataset.size))

    def _scanned(self, config: DatasetConfig) -> Scan:
        return scan(config, lambda done, total: self.listener.working("pictures", done, total))

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
        if config.preview.preview_prompts:
            self._require_samplers(config.preview)

    def _require_samplers(self, config: PreviewConfig) -> None:
        known = self.host.samplers()
        for name in config.preview_sampler:
            if name not in known:
                raise ConfigError([Problem("preview_sampler", name, f"choose one of {', '.join(known)}")])
