"""Preview pictures and comparison sheets of checkpoint files."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event as Flag

from lib_train.app.fits import fitted_on
from lib_train.checkpoints.inspect import require_sound
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.config.sample_prompts import sample_prompt
from lib_train.config.sheet_lines import values_of
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import Host, Txt2img
from lib_train.host.shared.schedulers import unknown_scheduler
from lib_train.jobs.axis_drawing import draw_lines_of, lines_of
from lib_train.jobs.drawing import draw
from lib_train.jobs.found_loras import lora_finder
from lib_train.jobs.liking import as_txt2img, txt2img_of
from lib_train.jobs.listener import Listener
from lib_train.jobs.running import TO_DRAW_WITH_LESS, freeing_memory, reporting_errors
from lib_train.jobs.weighted import weights_of
from lib_train.lora_tools.block_lists import presets_of
from lib_train.previews.requests import distinct, sheets
from lib_train.store.projects import Version
from lib_train.texts import say


class Drawings:
    """Makes previews on one host."""

    def __init__(self, host: Host, listener: Listener) -> None:
        self._host, self._listener = host, listener

    def preview(
        self, networks: Sequence[Path], config: RunConfig, version: Version, stop: Flag | None = None,
        reuses: bool = False, by_axes: bool = False,
    ) -> list[Path]:  # fmt: skip
        """Pictures and sheets of checkpoint files; returns the sheets.

        Args:
            reuses: whether pictures that an earlier try made are kept and not made again.
            by_axes: whether the sheets of preview_sheets are made, too.

        Raises:
            TrainToolsError: a file, the sampler or the base model cannot be used.
        """
        taken = require_drawable(self._host, config)
        config = as_txt2img(config, taken, f"{version.project.name}-{version.name}-")
        require_sound([*networks, *map(Path, config.network.base_weights)])
        ref = self._host.find(config.base_model, config.vae, config.prediction_type)
        config = fitted_on(self._host, config)
        with (
            version.drawn(),
            reporting_errors(str, TO_DRAW_WITH_LESS),
            self._host.borrow(ref) as model,
            freeing_memory(),
        ):
            flag, like = stop or Flag(), taken.key if taken else ""
            given = self._host, model, self._listener, version, networks, config, flag
            found = list(draw(*given, reuses, like))
            if by_axes and not flag.is_set():
                found += draw_lines_of(*given, like)
            return found

    def count_pictures(self, config: RunConfig, networks: Sequence[Path], version: Version) -> int:
        """How many pictures ``preview`` would make of these files, with those of sheets by axes."""
        planned = sheets(config.preview, networks, config.dataset.size)
        planned += [sheet for one in lines_of(self._host, version, networks, config) for sheet in one.pages]
        return sum(len(distinct(sheet)) for sheet in planned)


def require_drawable(host: Host, config: RunConfig) -> Txt2img | None:
    """Check that there is something to draw, and that the host can; returns what it is to be like.

    Raises:
        ConfigError: there is no prompt, the host lacks a sampler, or what it is to be like.
    """
    found = txt2img_of(host, config)
    if not (config.preview.preview_prompts or found):
        raise ConfigError([Problem("preview_prompts", (), say("give at least one prompt"))])
    require_samplers(host, config.preview)
    return found


def notes_on_networks(host: Host, config: PreviewConfig, version: Version | None = None) -> list[str]:
    """Sheets of preview_sheets whose second network is not there yet, a sentence for each network."""
    find = lora_finder(host, version.checkpoints() if version else ())
    notes: list[str] = []
    for name in dict.fromkeys(value[0] for value in values_of(config.preview_sheets, "lora") if value):
        try:
            find(name)
        except ValueError:
            notes.append(say("preview_sheets: there is no LoRA {name!r} yet: its sheet is not made until there is; "
                             "name a checkpoint, an installed file or a path", name=name))  # fmt: skip
    return notes


def require_blocks(host: Host, config: PreviewConfig, family: str) -> None:
    """Check that the weights of blocks are some of this family.

    Raises:
        ConfigError: a preset is not known, or a list is another family's.
    """
    presets = presets_of(host.block_presets())
    for text in (*config.preview_block_weights, *filter(None, values_of(config.preview_sheets, "blocks"))):
        weights_of(text, family, presets)


def require_samplers(host: Host, config: PreviewConfig) -> None:
    """Check that the host has every sampler of the previews.

    Raises:
        ConfigError: it lacks one; lists those that it has.
    """
    known = host.samplers()
    own = [("preview_prompts", prompt.sampler) for prompt in map(sample_prompt, config.preview_prompts)]
    own += [("preview_sheets", name) for name in values_of(config.preview_sheets, "sampler")]
    for setting, name in (*(("preview_sampler", name) for name in config.preview_sampler), *own):
        if name is not None and name not in known:
            raise ConfigError([Problem(setting, name, say("choose one of {known}", known=", ".join(known)))])
    schedules = dict.fromkeys(one for sampler in config.preview_sampler for one in host.schedulers(sampler))
    for name in values_of(config.preview_sheets, "scheduler"):
        if name not in schedules:
            raise ConfigError([Problem("preview_sheets", name, unknown_scheduler([*schedules]))])
