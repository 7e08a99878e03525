"""What a run would do, and whether it can start. Loads no model and writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib_train.app.drawings import notes_on_networks, require_blocks, require_samplers
from lib_train.app.fits import fitted_on, size_for
from lib_train.app.folders import with_own_folders
from lib_train.app.tokens import Tokens
from lib_train.config.dataset import DatasetConfig
from lib_train.config.fitting import fitted, notes_on_fitting
from lib_train.config.run import RunConfig
from lib_train.config.sheet_lines import values_of
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import BaseModelRef, Host, ModelSize
from lib_train.jobs.given import found_in
from lib_train.jobs.liking import txt2img_of
from lib_train.jobs.picked import picked
from lib_train.jobs.space import space_problems
from lib_train.pictures.doctor.case import Case, Finding
from lib_train.pictures.doctor.examine import examine
from lib_train.pictures.doctor.worst import entries_in, unsaid, worst_of
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import require_usable
from lib_train.planning.objective import problems_with_pictures
from lib_train.planning.pace import Pace, kind_of
from lib_train.planning.report import Report, report_of
from lib_train.planning.speed import Speed, speed_of
from lib_train.store.projects import Version
from lib_train.texts import say
from lib_train.training.precision import chosen_name

Look = Callable[[DatasetConfig], Scan]
"""Finds the pictures of the settings; callers that ask often give one that remembers."""


class Plans:
    """Plans of runs on one host, below one root folder.

    Args:
        look: finds pictures where a call names nothing else.
    """

    def __init__(self, host: Host, root: Path, look: Look) -> None:
        self._host, self._root, self._look = host, root, look
        self._pace = Pace(root)
        self.tokens = Tokens(host)

    def plan(self, config: RunConfig, version: Version | None = None, look: Look | None = None) -> Report:
        """What a run would do, and everything that is wrong with it; nothing is written.

        Raises:
            TrainToolsError: settings, base model or folders cannot be used at all.
        """
        config, found = self._with_pictures(config, version, look)
        base = self.base(config)
        size = self._host.size_of(base)
        report = _asking(self.supposed(config, found, size), config, found)
        if look is None:  # whoever remembers pictures knows more of them than this
            report = examined(report, _findings(fitted(config, size.side), found))
        room = space_problems(version.folder if version else self._root, report.disk_bytes)
        notes = (*report.notes, *notes_on_networks(self._host, config.preview, version))
        return replace(report, base_model=base.title, problems=(*report.problems, *room), notes=notes)

    def supposed(self, config: RunConfig, found: Scan, size: ModelSize) -> Report:
        """The plan for pictures that need not be there.

        Args:
            size: of the base model; to find it takes a host longer than all the rest.

        Raises:
            ConfigError: a setting cannot be used with such a model.
        """
        pace = self._pace.of(kind_of(fitted(config, size.side), size, self._host.device.type))
        return self._report(config, found, size, pace)

    def accepted(self, config: RunConfig, version: Version, look: Look | None = None) -> tuple[RunConfig, Scan, Report]:
        """The settings as the run takes them, with their folders; the pictures; and the plan of a run that can start.

        Raises:
            TrainToolsError: it cannot.
        """
        config, found = self._with_pictures(config, version, look)
        require_usable(found, config.dataset)
        size = size_for(self._host, config)
        report = _asking(self.supposed(config, found, size), config, found)
        faults = [problem for problem in report.problems if problem not in found.problems]
        if faults:
            raise ConfigError(faults)
        return fitted(config, size.side), found, report

    def fitted(self, config: RunConfig) -> RunConfig:
        """The settings with what follows from the base model; see ``fitting.fitted``.

        Raises:
            TrainToolsError: the base model cannot be used, or a setting cannot with it.
        """
        return fitted_on(self._host, config)

    def _report(self, config: RunConfig, found: Scan, size: ModelSize, step_seconds: float | None = None) -> Report:
        taken, device = fitted(config, size.side), self._host.device.type
        given = found_in(taken, size)
        if given.sizes:
            taken = replace(taken, network=given.sizes.on(taken.network))
        speed = self._speed(taken)
        report = report_of(taken, found, size, device, step_seconds, self.tokens.of, speed, given.weights)
        notes = (*notes_on_fitting(config, size.side), *given.notes, *report.notes)
        memory = report.memory_bytes + 4 * given.background
        return replace(report, memory_bytes=memory, notes=notes, problems=(*report.problems, *given.problems))

    def base(self, config: RunConfig) -> BaseModelRef:
        """The base model that the settings name."""
        return self._host.find(config.base_model, config.vae, config.prediction_type)

    def kind(self, config: RunConfig) -> dict[str, Any]:
        """Runs of one kind take about as long for each step; see ``pace.kind_of``.

        Args:
            config: as the run takes it.
        """
        return kind_of(config, size_for(self._host, config), self._host.device.type)

    def _with_pictures(self, config: RunConfig, version: Version | None, look: Look | None) -> tuple[RunConfig, Scan]:
        config = with_own_folders(config, version)
        if not config.dataset.train_data_dir:
            remedy = say("name a folder that holds <repeats>_<name> folders of pictures")
            raise ConfigError([Problem("train_data_dir", (), remedy)])
        if txt2img_of(self._host, config) or config.preview.preview_prompts:
            require_samplers(self._host, config.preview)
            if config.preview.preview_block_weights or values_of(config.preview.preview_sheets, "blocks"):
                require_blocks(self._host, config.preview, size_for(self._host, config).family)
        return config, picked((look or self._look)(config.dataset), config, version)

    def _speed(self, config: RunConfig) -> Speed | None:
        device = self._host.device
        return speed_of(device, chosen_name(config.training.mixed_precision, device.type, bf16=True))


def _asking(report: Report, config: RunConfig, found: Scan) -> Report:
    """A plan for pictures that are there, with what the settings ask of them."""
    return replace(report, problems=(*report.problems, *problems_with_pictures(config, found)))


def examined(report: Report, findings: Sequence[Finding]) -> Report:
    """A plan that names the worst finding, in place of notes that say the same as findings."""
    return replace(report, worst=worst_of(findings), notes=unsaid(report.notes, findings))


def _findings(config: RunConfig, found: Scan) -> list[Finding]:
    """By sizes and captions alone."""
    case = Case(entries=entries_in(found), config=config.dataset, batch_size=config.training.train_batch_size)
    return examine(case)
