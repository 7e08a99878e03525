"""Which pictures are made to compare checkpoints."""

from dataclasses import dataclass

from lib_train.config.fields import BASIC, checked, option
from lib_train.errors import Problem

SAMPLERS = (
    "Euler", "Euler a", "Heun", "DPM2", "DPM2 a", "DPM++ 2M", "DPM++ 2M Karras", "DPM++ 2M SDE",
    "DPM++ 2M SDE Karras", "DDIM", "PLMS", "UniPC", "LCM",
)  # fmt: skip
"""Names of the standalone host's samplers, as the WebUI spells them."""


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """Prompts, seeds and weights of previews. An instance is always valid."""

    preview_prompts: tuple[str, ...] = option(
        (), "Prompts, one a line, one picture for each; empty makes no previews.", level=BASIC, separator="\n"
    )
    preview_negative_prompt: str = option("", "What the pictures shall not show.", level=BASIC)
    preview_seeds: tuple[int, ...] = option(
        (1,), "Seeds; the same for every checkpoint. -1 picks one for all.", low=-1, high=2**32 - 1, level=BASIC
    )
    preview_weights: tuple[float, ...] = option(
        (0.0, 1.0), "Weights of the LoRA; 0 shows the base model.", low=-4, high=4, level=BASIC
    )
    preview_sampler: str = option("Euler a", "Name of the sampler.", level=BASIC)
    preview_steps: int = option(20, "Sampling steps.", low=1, high=150, level=BASIC)
    preview_cfg_scale: float = option(7.0, "How closely the prompt is followed.", low=1, high=30, level=BASIC)
    preview_width: int | None = option(None, "Width in pixels; empty takes the training width.", low=64, high=4096)
    preview_height: int | None = option(None, "Height in pixels; empty takes the training height.", low=64, high=4096)
    preview_every_n_epochs: int | None = option(None, "Previews of the new checkpoint every n epochs.", low=1)
    preview_every_n_steps: int | None = option(None, "Previews of the new checkpoint every n steps.", low=1)
    preview_after_training: bool = option(True, "A grid of all checkpoints when training ends.", level=BASIC)

    def __post_init__(self) -> None:
        checked(self, _eights, _something)


def _eights(config: PreviewConfig) -> Problem | None:
    for name in ("preview_width", "preview_height"):
        side = getattr(config, name)
        if side is not None and side % 8:
            return Problem(name, side, "must be a multiple of 8, best of 64")
    return None


def _something(config: PreviewConfig) -> Problem | None:
    for name in ("preview_seeds", "preview_weights"):
        if not getattr(config, name):
            return Problem(name, (), "give at least one number")
    return None
