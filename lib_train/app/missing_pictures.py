"""Makes pictures that are missing from a comparison: of the same requests, of checkpoints that have none yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib_train.app.comparison import Comparison
from lib_train.app.kept import KeptSettings
from lib_train.config.codec import settings_in, to_json
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.config.sample_prompts import written
from lib_train.errors import ConfigError, Problem, ProjectError
from lib_train.host.protocol import Host
from lib_train.jobs.queue import Put
from lib_train.previews.requests import sheets
from lib_train.previews.told import KEY, text_to_tell, told_in
from lib_train.texts import say

_ANY = Path("any")


class MissingPictures:
    """Gives them to the queue.

    Args:
        preview: see ``PreviewJobs.preview``.
    """

    def __init__(self, host: Host, comparison: Comparison, kept: KeptSettings, preview: Callable[..., None]) -> None:
        self._host, self._comparison, self._kept, self._preview = host, comparison, kept, preview

    def make(
        self,
        project: str,
        version: str,
        columns: Sequence[str],
        variant: tuple[float, str],
        checkpoints: Sequence[str],
        put: Put | None = None,
    ) -> None:
        """Make pictures of checkpoints for some columns; those that are there are not made again.

        Args:
            columns: their ids; see ``Comparison.of``.
            variant: weight, and weights of blocks.
            checkpoints: file names.
            put: what becomes of the job; None starts it at once.

        Raises:
            ConfigError: a column was made with something that the version's settings do not have now.
            TrainToolsError: there is no such column, the settings cannot be used, or a job is running.
        """
        config = self._kept.for_run(project, version)
        wanted = self._wanted(project, version, columns)
        asking = replace(config, preview=_asking(config.preview, wanted, *variant))
        self._require_same(asking, wanted)
        self._preview(project, version, checkpoints, settings_in(to_json(asking)), put, reuses=True)

    def _wanted(self, project: str, version: str, columns: Sequence[str]) -> list[Mapping[str, Any]]:
        known = {one["id"]: one["request"] for one in self._comparison.of(project, version)["columns"]}
        if not columns or not all(one in known for one in columns):
            raise ProjectError(say("there are no such pictures any more; reload the page"))
        return [known[one] for one in columns]

    def _require_same(self, config: RunConfig, wanted: Sequence[Mapping[str, Any]]) -> None:
        base = self._host.find(config.base_model, config.vae, config.prediction_type).title
        background = tuple((Path(file), strength) for file, strength in config.network.background)
        drawn = sheets(config.preview, [_ANY], config.dataset.size, config.training.clip_skip, background)
        for sheet, one in zip(drawn, wanted, strict=True):
            request = sheet.cells[0][0]
            told = told_in({KEY: text_to_tell(request, base, "")}, (request.width, request.height))
            differing = [name for name, value in told.shared.items() if one[name] != value] if told else []
            if differing:
                raise ConfigError([Problem(
                    "preview_prompts", one["prompt"],
                    say("its pictures were made with other settings than those of now ({names}): put these back, or "
                        "preview all checkpoints anew", names=", ".join(differing)),
                )])  # fmt: skip


def _asking(config: PreviewConfig, wanted: Sequence[Mapping[str, Any]], weight: float, blocks: str) -> PreviewConfig:
    """Settings that ask for one picture of each request, whose options stand behind its prompt."""
    return replace(
        config,
        preview_prompts=tuple(_line(one) for one in wanted),
        preview_negative_prompt="",
        preview_weights=(weight,),
        preview_block_weights=(blocks,) if blocks else (),
        preview_batch_size=1,
        preview_sheets=(),
        preview_like_txt2img=False,
    )


def _line(one: Mapping[str, Any]) -> str:
    options = {
        "w": one["width"], "h": one["height"], "d": one["seed"], "s": one["steps"], "l": one["cfg_scale"],
        "ss": one["sampler"], **({"n": one["negative_prompt"]} if one["negative_prompt"] else {}),
    }  # fmt: skip
    return written(one["prompt"], {letter: str(value) for letter, value in options.items()})
