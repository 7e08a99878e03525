"""Sheets by axes: how many pictures they have, and making them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

from lib_train.app.drawings import require_blocks
from lib_train.app.fits import fitted_on, size_for
from lib_train.checkpoints.inspect import require_sound
from lib_train.config.run import RunConfig
from lib_train.config.sheet_lines import SheetLine
from lib_train.errors import ConfigError, FileError, Problem
from lib_train.host.protocol import Host, PictureRequest
from lib_train.host.shared.schedulers import unknown_scheduler
from lib_train.jobs.axis_drawing import Count, count, draw_axis_sheets, wanted_sheets
from lib_train.jobs.axis_files import MadeSheets
from lib_train.jobs.found_loras import lora_finder
from lib_train.jobs.liking import as_txt2img, txt2img_of
from lib_train.jobs.listener import Listener
from lib_train.jobs.running import TO_DRAW_WITH_LESS, freeing_memory, reporting_errors
from lib_train.previews.axis_sheets import AxisSheets
from lib_train.previews.requests import distinct
from lib_train.store.projects import Version
from lib_train.store.runs import paths_of
from lib_train.texts import say

Finder = Callable[[str], Path]


class AxisDrawings:
    """For one host."""

    def __init__(self, host: Host, listener: Listener) -> None:
        self._host, self._listener = host, listener

    def count(
        self, line: SheetLine, files: Sequence[Path], config: RunConfig, version: Version, lora: Finder | None = None
    ) -> Count:
        """How many pictures a sheet has, and how long those that are missing would take.

        Args:
            files: checkpoints, the oldest first; none takes all of the version.
            lora: finds second networks; None finds any file.

        Raises:
            TrainToolsError: the sheet cannot be made.
        """
        wanted, config = self._wanted(line, files, config, version, lora)
        return count(
            self._host, version, wanted, self._host.find(config.base_model, config.vae, config.prediction_type)
        )

    def draw(
        self, line: SheetLine, files: Sequence[Path], config: RunConfig, version: Version, stop: Flag | None = None,
        language: str = "", lora: Finder | None = None,
    ) -> list[MadeSheets]:  # fmt: skip
        """Make a sheet; pictures that are there are not made again. Fewer where it was stopped.

        Args:
            files, lora: as for ``count``.
            language: of its page; see ``languages.language_named``.

        Raises:
            TrainToolsError: it cannot be made.
        """
        wanted, config = self._wanted(line, files, config, version, lora)
        require_sound(_files(wanted))
        ref = self._host.find(config.base_model, config.vae, config.prediction_type)
        stop = stop or Flag()
        with (
            version.drawn(),
            reporting_errors(str, TO_DRAW_WITH_LESS),
            self._host.borrow(ref) as model,
            freeing_memory(),
        ):
            return list(draw_axis_sheets(self._host, model, self._listener, version, wanted, config, stop, language))

    def _wanted(
        self, line: SheetLine, files: Sequence[Path], config: RunConfig, version: Version, lora: Finder | None
    ) -> tuple[list[AxisSheets], RunConfig]:
        networks = list(files) or paths_of(version)[::-1]
        if not networks:
            raise FileError(
                say("{folder}: holds no checkpoints; train first, or name LoRA files", folder=version.folder)
            )
        taken = txt2img_of(self._host, config)
        config = as_txt2img(config, taken, f"{version.project.name}-{version.name}-")
        if not config.preview.preview_prompts and all(one.axis.name != "prompt" for one in line.chosen):
            raise ConfigError([Problem("preview_prompts", (), say("give at least one prompt"))])
        config = fitted_on(self._host, config)
        finder = lora or lora_finder(self._host, paths_of(version))
        wanted = wanted_sheets([line], config, networks, finder, taken.key if taken else "")
        self._require(line, wanted, config)
        return wanted, config

    def _require(self, line: SheetLine, wanted: Sequence[AxisSheets], config: RunConfig) -> None:
        """Check that the host has samplers and schedules, and that weights of blocks are of its model's family."""
        require_schedules(self._host, _requests(wanted))
        lists = next((one.values for one in line.chosen if one.axis.name == "blocks"), ())
        if any(lists):
            preview = replace(config.preview, preview_block_weights=tuple(filter(None, lists)))
            require_blocks(self._host, preview, size_for(self._host, config).family)


def _requests(wanted: Sequence[AxisSheets]) -> list[PictureRequest]:
    return list(dict.fromkeys(one for sheets in wanted for sheet in sheets.pages for one in distinct(sheet)))


def _files(wanted: Sequence[AxisSheets]) -> list[Path]:
    """All files that pictures are made with."""
    drawn = [one.network for sheets in wanted for sheet in sheets.pages for one in sheet.files]
    beside = [path for one in _requests(wanted) for path, _ in (*one.background, *one.others)]
    return list(dict.fromkeys([*drawn, *beside]))


def require_schedules(host: Host, requests: Sequence[PictureRequest]) -> None:
    """Check that the host has sampler and schedule of each picture.

    Raises:
        ConfigError: it lacks one; lists those that it has.
    """
    samplers = host.samplers()
    for sampler, schedule in dict.fromkeys((one.sampler, one.scheduler) for one in requests):
        if sampler not in samplers:
            remedy = say("choose one of {known}", known=", ".join(samplers))
            raise ConfigError([Problem("sampler", sampler, remedy)])
        if schedule and schedule not in (known := host.schedulers(sampler)):
            raise ConfigError([Problem("scheduler", schedule, unknown_scheduler(known, sampler))])
