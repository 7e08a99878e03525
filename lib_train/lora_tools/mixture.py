"""Several network files with a weight for each file and block: what they add to each layer together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from lib_train.checkpoints.hashes import model_hashes
from lib_train.config.tools import MergeConfig
from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.lora_tools.algebra import Delta, summed
from lib_train.lora_tools.block_lists import BlockWeights, block_weights
from lib_train.lora_tools.layers import NetworkSource, Weights, algebra_of, exact, opened, reckonable
from lib_train.lora_tools.ties import ties
from lib_train.texts import say

RECIPE = "train_tools_recipe"
"""Of the metadata of a file that was mixed of others."""


@dataclass(frozen=True)
class Mixture:
    """Files with their weights."""

    sources: Sequence[NetworkSource]
    weights: Sequence[float]
    blocks: Sequence[BlockWeights]
    ties: float | None = None
    digests: Sequence[str] = ()
    """sha256 of each file as it was opened, for ``recipe``."""

    @cached_property
    def names(self) -> list[str]:
        """The layers to which at least one file adds something, in the order of the files."""
        every = dict.fromkeys(name for source in self.sources for name in source.layers)
        return [name for name in every if any(True for _ in self.contributions(name))]

    def contributions(self, name: str) -> Iterator[tuple[int, float]]:
        """The files that add something to a layer, with their factors there."""
        for place, (source, weight, blocks) in enumerate(zip(self.sources, self.weights, self.blocks, strict=True)):
            if name in source.layers and (factor := weight * blocks.of(name)):
                yield place, factor

    def delta(self, name: str, base: Weights | None = None) -> Delta:
        """What they add to a layer's weight together.

        Raises:
            ModelFileError: they have different shapes there, or ``base`` is needed.
        """
        found = list(self.contributions(name))
        deltas = [self.sources[place].delta(name, base) for place, _ in found]
        for (place, _), delta in zip(found, deltas, strict=True):
            if delta.shape[:2] != deltas[0].shape[:2] or delta.down.shape[1:] != deltas[0].down.shape[1:]:
                raise ModelFileError(
                    say("{path}: {name} has shape {shape}, in {other} {wanted}; choose files of one family",
                        path=self.sources[place].path, name=name, shape=str(delta.shape),
                        other=self.sources[found[0][0]].path, wanted=str(deltas[0].shape))
                )  # fmt: skip
        if self.ties is not None:
            whole = ties([delta.matrix() for delta in deltas], [factor for _, factor in found], self.ties)
            return Delta(deltas[0].shape, whole)
        return reckonable(name, summed([delta.times(factor) for delta, (_, factor) in zip(deltas, found, strict=True)]))

    def bias(self, name: str) -> Tensor | None:
        """What they add to a layer's bias together, (O,); None where they add nothing."""
        pairs = [(self._bias(place, name), factor) for place, factor in self.contributions(name)]
        found = [(bias, factor) for bias, factor in pairs if bias is not None]
        if not found:
            return None
        biases, factors = [bias for bias, _ in found], [factor for _, factor in found]
        if self.ties is not None:
            return ties(biases, factors, self.ties)
        return torch.stack([bias * factor for bias, factor in found]).sum(0)

    def _bias(self, place: int, name: str) -> Tensor | None:
        stored = self.sources[place].layers[name]
        return exact(stored.parts).get(algebra_of(name, stored).bias)

    @property
    def told(self) -> str:
        """The files and their weights, in one line of plain English."""
        pairs = zip(self.sources, self.weights, self.blocks, strict=True)
        text = " + ".join(
            f"{source.path.stem} * {weight:g}" + (f" ({blocks.text})" if blocks.everywhere != 1 else "")
            for source, weight, blocks in pairs
        )
        return text + (f", TIES {self.ties:g}" if self.ties is not None else "")

    @property
    def recipe(self) -> dict[str, str]:
        """The metadata by which the same file can be made again: names, sha256, weights and weights of blocks."""
        parts = [
            {"name": source.path.name, "sha256": digest, "weight": weight, "blocks": blocks.text}
            for source, digest, weight, blocks in zip(
                self.sources, self.digests, self.weights, self.blocks, strict=True
            )
        ]
        told = {"format": 1, "files": parts, **({"ties": self.ties} if self.ties is not None else {})}
        return {RECIPE: json.dumps(told, ensure_ascii=False)}


def mixture(files: Sequence[Path], config: MergeConfig, presets: Mapping[str, str] | None = None) -> Mixture:
    """Open the files, with the weights of the settings.

    Args:
        presets: of blocks, further ones by name.

    Raises:
        ModelFileError: a file cannot be read or reckoned with, or they are of different families.
        ConfigError: there are not as many weights as files, or weights of blocks cannot be used.
    """
    _require_one_for_each("weights", config.weights, files)
    _require_one_for_each("blocks", config.blocks, files)
    sources = [opened(path) for path in files]
    digests = [model_hashes(path)[1] for path in files]
    for source in sources:
        if source.family != sources[0].family:
            raise ModelFileError(
                say("{path}: is for {family}, {other} for {wanted}; choose files of one family",
                    path=source.path, family=source.family.upper(), other=sources[0].path,
                    wanted=sources[0].family.upper())
            )  # fmt: skip
    texts = config.blocks or ("1",) * len(files)
    blocks = [
        block_weights(text.strip() or "1", source.family, presets) for text, source in zip(texts, sources, strict=True)
    ]
    return Mixture(sources, config.weights or (1.0,) * len(files), blocks, config.ties, digests)


def _require_one_for_each(name: str, given: Sequence[object], files: Sequence[Path]) -> None:
    if given and len(given) != len(files):
        text = ",".join(map(str, given))
        raise ConfigError([Problem(name, text, say("give one for each of the {count} files", count=len(files)))])
