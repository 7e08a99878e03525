"""Presets as cards: what each would be for a version's pictures on the host's base model. Writes nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib_train.app.fits import size_for
from lib_train.app.folders import Permitted, with_own_folders
from lib_train.app.plans import Look, Plans
from lib_train.app.trainings import Looking
from lib_train.app.versions import Versions
from lib_train.config.codec import config_of, from_json, settings_in, to_json
from lib_train.config.fitting import fitted
from lib_train.config.presets import PRESETS, Preset
from lib_train.config.run import RunConfig
from lib_train.error_json import problems_json
from lib_train.errors import ConfigError, Problem, TrainToolsError
from lib_train.host.protocol import Host, ModelSize
from lib_train.pictures.records import Picture, Scan
from lib_train.planning.report import Report

_PICTURES, _REPEATS = 20, 10
"""Supposed where a version has no pictures yet."""


def fits(preset: Preset, size: ModelSize) -> bool:
    """Whether a preset was published for models such as this one."""
    return not preset.family or (preset.family == size.family and not size.small)


def preset_changes(name: str, preset: Preset, size: ModelSize | None) -> dict[str, Any]:
    """Settings that taking a preset changes, by name, as JSON values.

    On a model that it was not made for, the resolution is the model's own.

    Args:
        size: of the base model; None where there is none that can be used.
    """
    wanted = settings_in(to_json(config_of(preset.settings)))
    changes = {setting: wanted[setting] for setting in preset.settings} | {"preset": name}
    if size and "resolution" in changes and not fits(preset, size):
        changes["resolution"] = []
    return changes


class Cards:
    """Makes the cards of versions.

    Args:
        looking_in: what finds the pictures of a version, and remembers them.
    """

    def __init__(self, host: Host, versions: Versions, permitted: Permitted, plans: Plans, looking_in: Looking) -> None:
        self._host, self._versions, self._permitted = host, versions, permitted
        self._plans, self._looking_in = plans, looking_in

    def of(self, project: str, version: str) -> list[dict[str, Any]]:
        """A card for each preset, as JSON values; what is wrong with one stands in it.

        Raises:
            TrainToolsError: there is no such version, or its settings cannot be read.
        """
        there = self._versions.existing(project, version)
        config = with_own_folders(there.kept().config, there)
        self._permitted.require_folders(config)
        return self._each(config, *self._pictures(config, self._looking_in(there)))

    def supposed(self) -> list[dict[str, Any]]:
        """The same before there is a version: what each would be for the pictures that are supposed."""
        return self._each(RunConfig(), None, [])

    def _each(self, config: RunConfig, found: Scan | None, wrong: list[Problem]) -> list[dict[str, Any]]:
        try:
            size = size_for(self._host, config)
        except TrainToolsError as error:
            size = None
            wrong = [*wrong, Problem("base_model", config.base_model, str(error))]
        return [self._card(name, preset, config, size, found, wrong) for name, preset in PRESETS.items()]

    def _pictures(self, config: RunConfig, look: Look) -> tuple[Scan | None, list[Problem]]:
        """The version's pictures; None where there are none, and what is wrong with their folders."""
        try:
            found = look(config.dataset) if config.dataset.train_data_dir else None
        except ConfigError as error:
            return None, list(error.problems)
        except TrainToolsError as error:
            return None, [Problem("train_data_dir", config.dataset.train_data_dir, str(error))]
        if found is None or any(not one.is_reg for one in found.pictures):
            return found, []
        return None, list(found.problems)

    def _card(
        self,
        name: str,
        preset: Preset,
        config: RunConfig,
        size: ModelSize | None,
        found: Scan | None,
        wrong: list[Problem],
    ) -> dict[str, Any]:
        facts = {"name": name, "title": preset.title, "about": preset.about, "family": preset.family,
                 "fits": size and fits(preset, size), "supposed": found is None, **_figures(None)}  # fmt: skip
        try:
            if size:
                taken = from_json(to_json(config), preset_changes(name, preset, size))[0]
                report = self._plans.supposed(taken, found or _supposed(fitted(taken, size.side)), size)
                facts |= _figures(report)
                wrong = [*wrong, *report.problems]
        except ConfigError as error:
            wrong = [*wrong, *error.problems]
        except TrainToolsError as error:  # the host cannot count the captions' tokens any more
            wrong = [*wrong, Problem("base_model", config.base_model, str(error))]
        return facts | {"problems": problems_json(wrong, self._versions.root)}


def _figures(report: Report | None) -> Mapping[str, Any]:
    return {
        "pictures": report and report.pictures,
        "resolution": report and list(report.resolution),
        "steps": report and report.plan.total_steps,
        "epochs": report and report.plan.epochs,
        "saves": report and len(report.saves),
        "checkpoint_bytes": report and report.checkpoint_bytes,
        "memory_bytes": report and report.memory_bytes,
        "seconds": report and report.seconds,
        "seconds_are": report and report.seconds_are,
    }


def _supposed(config: RunConfig) -> Scan:
    """As many pictures as recipes usually have, of the training area's size."""
    width, height = config.dataset.size
    folder = f"{_REPEATS}_subject"
    pictures = (
        Picture(path=Path(folder, f"{number}.png"), caption="subject", width=width, height=height, repeats=_REPEATS,
                folder=folder)
        for number in range(_PICTURES)
    )  # fmt: skip
    return Scan(pictures=tuple(pictures), problems=())
