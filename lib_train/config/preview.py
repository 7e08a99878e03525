"""Which pictures are made to compare checkpoints."""

from dataclasses import dataclass
from functools import partial

from lib_train.config.axes import block_trouble
from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, SET, option, used_when
from lib_train.config.sample_prompts import problem_in_prompts
from lib_train.config.sheet_lines import parsed
from lib_train.errors import Problem
from lib_train.texts import say

SAMPLERS = (
    "Euler", "Euler a", "Heun", "DPM2", "DPM2 a", "DPM++ 2M", "DPM++ 2M Karras", "DPM++ 2M SDE",
    "DPM++ 2M SDE Karras", "DDIM", "PLMS", "UniPC", "LCM",
)  # fmt: skip
"""Names of the standalone host's samplers, as the WebUI spells them."""
_NO_KEY = "pictures tell themselves how they were made"
_picture_option = partial(
    option,
    no_key=_NO_KEY,
    used_when=used_when(say("there are no prompts for previews"), {"preview_prompts": SET}),
)
"""See ``option``."""


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """What is compared. Checkpoints, seeds and weights share a sheet; whatever else is a list makes a sheet of each.

    An instance is always valid.
    """

    preview_prompts: tuple[str, ...] = option(
        (), "Prompts, one a line, one picture for each; empty makes no previews. Options behind a prompt count for it "
        "alone: --w and --h size, --d seed, --s steps, --l CFG scale, --n negative prompt, --ss sampler.", level=BASIC,
        separator="\n", label="Prompts", no_key=_NO_KEY,
    )  # fmt: skip
    preview_like_txt2img: bool = option(
        False, "In the WebUI: pictures as txt2img last made one, with hires fix, styles and all scripts. Checkpoints, "
        "weights and seeds stay those of here, and so does whatever has several values, prompts if there are any, and "
        "a negative prompt; all else is txt2img's.", label="As txt2img is set now", no_key=_NO_KEY,
    )  # fmt: skip
    preview_negative_prompt: str = _picture_option(
        "", "What the pictures should not show.", level=BASIC, label="Negative prompt"
    )
    preview_seeds: tuple[int, ...] = _picture_option(
        (1,), "Seeds; the same for every checkpoint. -1 picks one for all.", low=-1, high=2**32 - 1, level=BASIC,
        label="Seed",
    )  # fmt: skip
    preview_weights: tuple[float, ...] = _picture_option(
        (0.0, 1.0), "Weights of the LoRA; 0 shows the base model.", low=-4, high=4, level=BASIC, label="LoRA weights"
    )
    preview_block_weights: tuple[str, ...] = _picture_option(
        (), "Weights of the blocks, with ; between the lists, a row for each: presets such as FACE, numbers, or lists "
        "as for the tool blocks; empty draws each checkpoint as it is.", separator=";", label="Block weights",
    )  # fmt: skip
    preview_sheets: tuple[str, ...] = _picture_option(
        (), "Sheets by axes, one a line, with Preview all and when training ends: rows | columns | pages, such as "
        "checkpoint | weight:0.5,1 | seed:1,2.", separator="\n",
        label="Sheets by axes",
    )  # fmt: skip
    preview_sampler: tuple[str, ...] = _picture_option(
        ("Euler a",), "Names of samplers; a sheet for each.", level=BASIC, label="Sampling method"
    )
    preview_steps: tuple[int, ...] = _picture_option(
        (20,), "Sampling steps; a sheet for each number.", low=1, high=150, level=BASIC, label="Sampling steps"
    )
    preview_cfg_scale: tuple[float, ...] = _picture_option(
        (7.0,), "How closely the prompt is followed; a sheet for each number.", low=1, high=30, level=BASIC,
        label="CFG Scale",
    )  # fmt: skip
    preview_batch_size: int = _picture_option(
        1, "Pictures for each seed, as in txt2img's batches: the seed itself, the next one, and so on.", low=1,
        high=64, level=BASIC, label="Batch size", slider=(1, 8, 1),
    )  # fmt: skip
    preview_width: tuple[int, ...] = _picture_option(
        (), "Widths in pixels; empty takes the training width.", low=64, high=4096, label="Width"
    )
    preview_height: tuple[int, ...] = _picture_option(
        (), "Heights in pixels, as many as widths, or one for all; empty takes the training height.", low=64, high=4096,
        label="Height",
    )  # fmt: skip
    preview_every_n_epochs: int | None = _picture_option(
        None, "Previews of the new checkpoint every n epochs.", low=1, off=0
    )
    preview_every_n_steps: int | None = _picture_option(
        None, "Previews of the new checkpoint every n steps.", low=1, off=0
    )
    preview_at_first: bool = _picture_option(
        False, "Previews before the first step, too: of the base model, or of the file that training goes on from.",
        label="Previews at first",
    )  # fmt: skip
    preview_after_training: bool = _picture_option(
        True, "A grid of all checkpoints when training ends.", level=BASIC, label="Compare all when training ends"
    )

    def __post_init__(self) -> None:
        checked(self, _eights, _pairs, _something, _blocks, _prompts, _sheets)

    def sizes(self, usual: tuple[int, int]) -> list[tuple[int, int]]:
        """Widths with their heights; those of ``usual`` where none are set."""
        widths, heights = self.preview_width or usual[:1], self.preview_height or usual[1:]
        count = max(len(widths), len(heights))
        return list(zip(*(sides * count if len(sides) == 1 else sides for sides in (widths, heights)), strict=True))


def _prompts(config: PreviewConfig) -> Problem | None:
    return problem_in_prompts(config.preview_prompts)


def _eights(config: PreviewConfig) -> Problem | None:
    for name in ("preview_width", "preview_height"):
        for side in getattr(config, name):
            if side % 8:
                return Problem(name, side, say("must be a multiple of 8, best of 64"))
    return None


def _pairs(config: PreviewConfig) -> Problem | None:
    widths, heights = len(config.preview_width), len(config.preview_height)
    if min(widths, heights) > 1 and widths != heights:
        return Problem(
            "preview_height",
            config.preview_height,
            say("give one height, or {count} as there are widths", count=widths),
        )
    return None


def _something(config: PreviewConfig) -> Problem | None:
    for name in ("preview_seeds", "preview_weights", "preview_steps", "preview_cfg_scale"):
        if not getattr(config, name):
            return Problem(name, (), say("give at least one number"))
    return None if config.preview_sampler else Problem("preview_sampler", (), say("give at least one name"))


def _blocks(config: PreviewConfig) -> Problem | None:
    for text in config.preview_block_weights:
        if trouble := block_trouble(text):
            return Problem("preview_block_weights", text, trouble)
    return None


def _sheets(config: PreviewConfig) -> Problem | None:
    for text in config.preview_sheets:
        try:
            parsed(text)
        except ValueError as error:
            return Problem("preview_sheets", text, error.args[0])
    return None
