"""Picture requests of a comparison. Pure: settings in, requests out."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import SystemRandom
from typing import NamedTuple

from lib_train.config.preview import PreviewConfig
from lib_train.config.sample_prompts import SamplePrompt, sample_prompt
from lib_train.host.protocol import PictureRequest

_SHORT = 24
"""Letters of weights of blocks that can be read beside a row."""


class Row(NamedTuple):
    """A checkpoint with weights for its blocks."""

    network: Path
    blocks: str = ""
    """As ``block_weights`` reads them; empty draws the checkpoint as it is."""
    mark: str = ""
    """Short, for names of files: the blocks' preset, or the list's place."""

    @property
    def file(self) -> Path:
        """What is drawn: the checkpoint, or under a name beside it what its blocks' weights make of it."""
        return self.network.with_stem(f"{self.network.stem}_{self.mark}") if self.mark else self.network


def rows_of(networks: Sequence[Path], blocks: Sequence[str]) -> list[Row]:
    """Each checkpoint with each of the weights."""
    if not blocks:
        return [Row(network) for network in networks]
    marks = [text.strip() if re.fullmatch(r"[\w.+-]+", text.strip()) and len(text) <= _SHORT else f"list{place}"
             for place, text in enumerate(blocks, 1)]  # fmt: skip
    return [Row(network, text.strip(), mark) for network in networks for text, mark in zip(blocks, marks, strict=True)]


@dataclass(frozen=True)
class Sheet:
    """One grid: checkpoints, each with its weights of blocks, down; seeds, and within each of them weights, across."""

    prompt: str
    about: str
    """What else all its pictures share, in a line."""
    rows: tuple[Row, ...]
    seeds: tuple[int, ...]
    weights: tuple[float, ...]
    cells: tuple[tuple[PictureRequest, ...], ...]


def sheets(
    config: PreviewConfig,
    networks: Sequence[Path],
    size: tuple[int, int],
    clip_skip: int = 1,
    background: tuple[tuple[Path, float], ...] = (),
) -> list[Sheet]:
    """A grid for each prompt, sampler, number of steps, CFG scale and size.

    At weight 0 all checkpoints share one picture for each seed: the base model's.

    Args:
        networks: checkpoint files, in the order of the rows; with weights of blocks other ones are drawn, see ``Row``.
        size: width and height where the settings leave them empty.
        background: see ``PictureRequest``.
    """
    rows, found = rows_of(networks, config.preview_block_weights), []
    lists = dict.fromkeys(f"{row.mark}: {row.blocks}" for row in rows if row.mark != row.blocks)
    of_all = _seeds(config)
    for line, sampler, steps, cfg_scale, (width, height), seeds in _combined(config, size, of_all):
        prompt, negative = line.prompt, line.negative_prompt
        base = PictureRequest(
            prompt=prompt,
            negative_prompt=config.preview_negative_prompt if negative is None else negative,
            sampler=sampler,
            steps=steps,
            cfg_scale=cfg_scale,
            width=width,
            height=height,
            clip_skip=clip_skip,
            background=background,
        )
        cells = tuple(
            tuple(
                replace(base, seed=seed, network=row.file if weight else None, weight=weight)
                for seed in seeds
                for weight in config.preview_weights
            )
            for row in rows
        )
        about = ", ".join([f"{sampler}, {steps} steps, CFG {cfg_scale:g}, {width} x {height}", *lists])
        found.append(Sheet(prompt, about, tuple(rows), seeds, config.preview_weights, cells))
    return found


_Combination = tuple[SamplePrompt, str, int, float, tuple[int, int], tuple[int, ...]]


def _combined(config: PreviewConfig, usual: tuple[int, int], seeds: tuple[int, ...]) -> Iterator[_Combination]:
    """Each prompt with each sampler, number of steps, CFG scale and size, or with its own; and with its seeds."""
    for line in map(sample_prompt, config.preview_prompts):
        sizes = list(dict.fromkeys((line.width or w, line.height or h) for w, h in config.sizes(usual)))
        own = seeds if line.seed is None else _seeds(replace(config, preview_seeds=(line.seed,)))
        for combination in product(
            [line.sampler] if line.sampler else config.preview_sampler,
            [line.steps] if line.steps else config.preview_steps,
            [line.cfg_scale] if line.cfg_scale else config.preview_cfg_scale,
            sizes,
        ):
            yield line, *combination, own


def _seeds(config: PreviewConfig) -> tuple[int, ...]:
    """Seeds of the sheet: -1 replaced by a random seed, each followed by those of its batch; no duplicates."""
    first = [SystemRandom().randrange(2**32) if seed < 0 else seed for seed in config.preview_seeds]
    return tuple(dict.fromkeys((seed + i) % 2**32 for seed in first for i in range(config.preview_batch_size)))


def distinct(sheet: Sheet) -> list[PictureRequest]:
    """The sheet's requests, each once, those of one checkpoint together so that it is loaded once."""
    return list(dict.fromkeys(cell for row in sheet.cells for cell in row))


def labels_of(rows: Sequence[Row]) -> list[str]:
    """Labels of rows: checkpoints by ``row_labels``, with the mark of the blocks' weights behind."""
    networks = list(dict.fromkeys(row.network for row in rows))
    names = dict(zip(networks, row_labels(networks), strict=True))
    if len(networks) == 1 and rows[0].mark:
        return [row.mark for row in rows]
    return [f"{names[row.network]}  {row.mark}".rstrip() for row in rows]


def row_labels(networks: Sequence[Path]) -> list[str]:
    """Labels of the rows: the ends of the files' names, after the whole words that they share.

    A run's own names become "epoch 2", "step 500" and, for its end, "last".
    """
    stems = [path.stem for path in networks]
    if len(stems) == 1:
        return stems
    shared = os.path.commonprefix(stems)
    if not all(stem[len(shared) :][:1] in ("", "-") for stem in stems):
        shared = shared[: shared.rfind("-") + 1]
    ends = [stem[len(shared) :].removeprefix("-") for stem in stems]
    return [_label(end) or "last" for end in ends]


def _label(end: str) -> str:
    """
    >>> _label("000002"), _label("step00000500"), _label("v5")
    ('epoch 2', 'step 500', 'v5')
    """
    found = re.fullmatch(r"(?P<step>step)?(?P<number>\d{6}|\d{8})", end)
    return f"{found['step'] or 'epoch'} {int(found['number'])}" if found else end
