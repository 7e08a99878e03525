"""Which pictures a comparison asks for. Pure: settings in, requests out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from lib_train.config.preview import PreviewConfig
from lib_train.host.protocol import PictureRequest


@dataclass(frozen=True)
class Sheet:
    """One grid: a prompt and a seed, checkpoints down, weights across. Cells are rows of requests."""

    prompt: str
    seed: int
    networks: tuple[Path, ...]
    weights: tuple[float, ...]
    cells: tuple[tuple[PictureRequest, ...], ...]


def sheets(config: PreviewConfig, networks: Sequence[Path], size: tuple[int, int], clip_skip: int = 1) -> list[Sheet]:
    """A grid for each prompt and seed. At weight 0 all checkpoints share one picture: the base model's.

    Args:
        networks: checkpoint files, in the order of the rows.
        size: width and height where the settings leave them empty.
    """
    width, height = config.preview_width or size[0], config.preview_height or size[1]
    seeds = [SystemRandom().randrange(2**32) if seed < 0 else seed for seed in config.preview_seeds]
    found = []
    for prompt in config.preview_prompts:
        for seed in seeds:

            def asked(network: Path, weight: float, prompt: str = prompt, seed: int = seed) -> PictureRequest:
                return PictureRequest(
                    prompt=prompt,
                    negative_prompt=config.preview_negative_prompt,
                    seed=seed,
                    sampler=config.preview_sampler,
                    steps=config.preview_steps,
                    cfg_scale=config.preview_cfg_scale,
                    width=width,
                    height=height,
                    clip_skip=clip_skip,
                    network=network if weight else None,
                    weight=weight,
                )

            cells = tuple(tuple(asked(network, weight) for weight in config.preview_weights) for network in networks)
            found.append(Sheet(prompt, seed, tuple(networks), config.preview_weights, cells))
    return found


def distinct(sheet: Sheet) -> list[PictureRequest]:
    """The sheet's requests, each once, those of one checkpoint together so that it is loaded once."""
    return list(dict.fromkeys(cell for row in sheet.cells for cell in row))
