"""Checkpoints with weights of their blocks, as files for the time in which they are drawn."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lib_train.checkpoints.files import write_network
from lib_train.errors import ConfigError, Problem
from lib_train.files import scratch
from lib_train.lora_tools.base_file import base_weights
from lib_train.lora_tools.block_lists import BlockWeights, block_weights
from lib_train.lora_tools.blocks import weighted
from lib_train.lora_tools.layers import algebra_of, opened
from lib_train.previews.requests import WeightedFile

SETTING = "preview_block_weights"


@contextmanager
def weighted_files(
    wanted: Sequence[WeightedFile], folder: Path, base: Path | None, presets: Mapping[str, str]
) -> Iterator[dict[Path, Path | None]]:
    """The file that each ``WeightedFile.file`` is drawn from; None where its blocks' weights leave nothing.

    Those that are made here are gone afterwards, after a kill with the next ``files.sweep``. So any host reads what it
    would read of the baked file.

    Args:
        folder: where they may lie meanwhile.
        base: the base model, for kinds that multiply or normalise its weights.
        presets: further ones by name.

    Raises:
        ConfigError: weights are none, or a list of another family.
        TrainToolsError: a file cannot be read, or the disk is full.
    """
    if not any(one.blocks for one in wanted):
        yield {one.file: one.network for one in wanted}
        return
    with scratch(folder) as place:
        place.mkdir()
        yield {one.file: _written(one, place, base, presets) for one in wanted}


def _written(one: WeightedFile, place: Path, base: Path | None, presets: Mapping[str, str]) -> Path | None:
    if not one.blocks:
        return one.network
    source = opened(one.network)
    needs_base = any(algebra_of(name, stored).needs_weight for name, stored in source.layers.items())
    with base_weights(base if needs_base else None) as weights:
        made = weighted(source, weights_of(one.blocks, source.family, presets), weights)
    if not made:
        return None
    path = place / one.file.name
    write_network(path, made, source.metadata, source.precision)
    return path


def weights_of(text: str, family: str, presets: Mapping[str, str]) -> BlockWeights:
    """``block_weights`` of a preview, whose setting is named where they cannot be used."""
    try:
        return block_weights(text, family, presets)
    except ConfigError as error:
        raise ConfigError([Problem(SETTING, one.value, one.remedy) for one in error.problems]) from error
