"""Picture requests of a comparison. Pure: settings in, requests out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from random import SystemRandom
from typing import NamedTuple

from lib_train.config.axes import block_marks
from lib_train.config.preview import PreviewConfig
from lib_train.config.sample_prompts import sample_prompt
from lib_train.host.protocol import PictureRequest
from lib_train.names import row_labels


class WeightedFile(NamedTuple):
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


def weighted_files_of(networks: Sequence[Path], blocks: Sequence[str]) -> list[WeightedFile]:
    """Each checkpoint with each of the weights."""
    if not blocks:
        return [WeightedFile(network) for network in networks]
    return [WeightedFile(network, text.strip(), mark)
            for network in networks for text, mark in zip(blocks, block_marks(blocks), strict=True)]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One grid of pictures."""

    title: tuple[str, ...]
    """Lines above all: what all its pictures share."""
    rows: tuple[str, ...]
    """A label for each row."""
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()
    """Headings above the columns, each over as many; may be none."""
    cells: tuple[tuple[PictureRequest, ...], ...]
    """``network`` is that of a ``WeightedFile``."""
    files: tuple[WeightedFile, ...]
    """All that the cells name."""
    names: Mapping[PictureRequest, str] = field(default_factory=dict)
    """What tells its pictures apart in names of files, where they differ in more than checkpoint, seed and weights."""

    def file_of(self, request: PictureRequest) -> WeightedFile | None:
        """What a picture is drawn with; None for the base model alone."""
        return next((one for one in self.files if one.file == request.network), None)


def sheets(
    config: PreviewConfig,
    networks: Sequence[Path],
    size: tuple[int, int],
    clip_skip: int = 1,
    background: tuple[tuple[Path, float], ...] = (),
    like: str = "",
) -> list[Sheet]:
    """A grid for each prompt, sampler, number of steps, CFG scale and size: checkpoints, each with its weights of
    blocks, down; seeds, and within each of them weights, across.

    At weight 0 all checkpoints share one picture for each seed: the base model's.

    Args:
        networks: checkpoint files, in the order of the rows; with weights of blocks other ones are drawn, see
            ``WeightedFile``.
        size: width and height where the settings leave them empty.
        background, like: see ``PictureRequest``.
    """
    files, found = weighted_files_of(networks, config.preview_block_weights), []
    lists = dict.fromkeys(f"{one.mark}: {one.blocks}" for one in files if one.mark != one.blocks)
    first = PictureRequest(prompt="", clip_skip=clip_skip, background=background, like=like)
    for _, base, seeds in _combined(config, size, first):
        cells = tuple(
            tuple(
                replace(base, seed=seed, network=one.file if weight else None, weight=weight)
                for seed in seeds
                for weight in config.preview_weights
            )
            for one in files
        )
        about = [f"{base.sampler}, {base.steps} steps, CFG {base.cfg_scale:g}, {base.width} x {base.height}", *lists]
        marks = [f"seed {seed}" for seed in seeds]
        if len(seeds) == 1:
            about, marks = [*marks, *about], []
        columns = tuple(f"{weight:g}" for weight in config.preview_weights) * len(seeds)
        found.append(Sheet(title=(base.prompt, ", ".join(about)), rows=tuple(labels_of(files)), columns=columns,
                           groups=tuple(marks), cells=cells, files=tuple(files)))  # fmt: skip
    return found


def bases_of_prompts(config: PreviewConfig, size: tuple[int, int], base: PictureRequest) -> list[PictureRequest]:
    """A request for each prompt, with the first of all seeds, samplers, numbers of steps, CFG scales and sizes."""
    found: dict[int, PictureRequest] = {}
    for place, request, seeds in _combined(config, size, base):
        found.setdefault(place, replace(request, seed=seeds[0]))
    return list(found.values())


def _combined(
    config: PreviewConfig, usual: tuple[int, int], base: PictureRequest
) -> Iterator[tuple[int, PictureRequest, tuple[int, ...]]]:
    """Each prompt with each sampler, number of steps, CFG scale and size, or with its own; its place and its seeds."""
    of_all = _seeds(config)
    for place, line in enumerate(map(sample_prompt, config.preview_prompts)):
        sizes = list(dict.fromkeys((line.width or w, line.height or h) for w, h in config.sizes(usual)))
        seeds = of_all if line.seed is None else _seeds(replace(config, preview_seeds=(line.seed,)))
        negative = config.preview_negative_prompt if line.negative_prompt is None else line.negative_prompt
        for sampler, steps, cfg_scale, (width, height) in product(
            [line.sampler] if line.sampler else config.preview_sampler,
            [line.steps] if line.steps else config.preview_steps,
            [line.cfg_scale] if line.cfg_scale else config.preview_cfg_scale,
            sizes,
        ):
            request = replace(base, prompt=line.prompt, negative_prompt=negative, sampler=sampler, steps=steps,
                              cfg_scale=cfg_scale, width=width, height=height)  # fmt: skip
            yield place, request, seeds


def _seeds(config: PreviewConfig) -> tuple[int, ...]:
    """Seeds of the sheet: -1 replaced by a random seed, each followed by those of its batch; no duplicates."""
    first = [SystemRandom().randrange(2**32) if seed < 0 else seed for seed in config.preview_seeds]
    return tuple(dict.fromkeys((seed + i) % 2**32 for seed in first for i in range(config.preview_batch_size)))


def distinct(sheet: Sheet) -> list[PictureRequest]:
    """The sheet's requests, each once, those of one checkpoint together so that it is loaded once."""
    return list(dict.fromkeys(cell for row in sheet.cells for cell in row))


def labels_of(files: Sequence[WeightedFile]) -> list[str]:
    """Labels of rows: checkpoints by ``row_labels``, with the mark of the blocks' weights behind."""
    networks = list(dict.fromkeys(one.network for one in files))
    names = dict(zip(networks, row_labels(networks), strict=True))
    if len(networks) == 1 and files[0].mark:
        return [one.mark for one in files]
    return [f"{names[one.network]}  {one.mark}".rstrip() for one in files]
