"""The same network in another precision, under other programs' names, with other metadata or a cover picture."""

import base64
import json
from collections.abc import Mapping
from math import nan
from pathlib import Path

import torch
from torch import Tensor

from lib_train.checkpoints.files import PRECISIONS
from lib_train.config.tools import KEEP, ConvertConfig
from lib_train.lora_tools.layers import NetworkSource, algebra_of, naming, opened
from lib_train.lora_tools.outcome import Outcome, Squares, Tell, nobody, summary_of
from lib_train.lora_tools.saving import STALE, family_entries, reject_unusable, written
from lib_train.network_kinds import layers_of, spelling_of
from lib_train.networks.adapter_config import without_config
from lib_train.networks.contents import Stored
from lib_train.networks.finite import not_finite
from lib_train.networks.kinds import NOT_IN_BF16
from lib_train.networks.peft_kinds import with_scaled_biases
from lib_train.networks.spellings import Spelled, to_diffusers, to_peft
from lib_train.texts import say

_NEEDED = (
    "ss_v2", "ss_base_model_version", "ss_network_module", "ss_network_dim", "ss_network_alpha", "ss_network_args",
)  # fmt: skip
"""What sd-scripts writes with --no_metadata: without it readers cannot tell what the file is."""
TRIGGER, THUMBNAIL, COVERS = "modelspec.trigger_phrase", "modelspec.thumbnail", "ssmd_cover_images"
"""The trigger words; the cover picture as others read it, and as the WebUI's cards do."""


def convert(file: Path, to: Path, config: ConvertConfig, cover: bytes | None = None, tell: Tell = nobody) -> Outcome:
    """Write a network file anew; what it adds to the weights stays, but for the rounding to another precision.

    Args:
        cover: a small JPEG picture.

    Raises:
        ModelFileError: the file cannot be read, or its kind has no form in the names that are asked for.
        FileError: the new file cannot be written.
    """
    reject_unusable(to)
    source = opened(file)
    squares = _compared(source, config.save_precision, tell)
    with naming(file):
        spelled = _spelled(source, config.names)
    metadata = _metadata(to, source, config, cover) | spelled.metadata
    precision = "" if config.save_precision == KEEP else config.save_precision
    notes = written(to, spelled.tensors, metadata, precision)
    if notes:  # it was not rounded
        squares.after, squares.lost = squares.before, 0.0
    of_peft = "PEFT's" in (source.facts.spelling if source.facts else "", spelling_of(spelled.tensors))
    if of_peft and (count := with_scaled_biases(source.tensors)):
        notes.append(say("PEFT multiplies the biases of {count} (IA)3 layers, too; under kohya's names they stay as "
                         "they are", count=count))  # fmt: skip
    return Outcome(
        before=(summary_of(file, squares.before, source.facts),), after=summary_of(to, squares.after),
        error=squares.error, notes=tuple(notes),
    )  # fmt: skip


def _spelled(source: NetworkSource, names: str) -> Spelled:
    family = source.family if source.metadata.get("ss_base_model_version") else ""
    if names == "peft":
        return to_peft(source.tensors, family)
    if names == "diffusers":
        return to_diffusers(source.tensors, family)
    return Spelled(dict(source.tensors), {})


def _metadata(to: Path, source: NetworkSource, config: ConvertConfig, cover: bytes | None) -> dict[str, str]:
    kept = {key: text for key, text in without_config(source.metadata).items() if not key.startswith(STALE)}
    if config.strip:
        kept = {key: text for key, text in kept.items() if key in _NEEDED}
    elif kept:
        kept["ss_output_name"] = to.stem  # by which the WebUI calls it
    if config.trigger:
        kept[TRIGGER] = config.trigger
    if cover is not None:
        picture = base64.b64encode(cover).decode()
        kept |= {THUMBNAIL: f"data:image/jpeg;base64,{picture}", COVERS: json.dumps([picture])}
    kept |= config.pairs
    if kept:
        shapes = {key: tuple(tensor.shape) for key, tensor in source.tensors.items()}
        kept |= family_entries(layers_of(shapes), source.metadata)
    return {key: text for key, text in sorted(kept.items()) if text}


def _compared(source: NetworkSource, precision: str, tell: Tell) -> Squares:
    """What the file adds before and after its rounding; NaN where that depends on a base model."""
    squares = Squares()
    for done, (name, stored) in enumerate(source.layers.items()):
        tell(done, len(source.layers))
        if algebra_of(name, stored).needs_weight:
            squares.before = squares.after = nan
            continue
        before = source.delta(name)
        if precision == KEEP:
            squares.add(before.square(), 0.0)
            continue
        rounded = _rounded(name, stored, source.parts[name], precision)
        after = before if not_finite(rounded.parts.items()) else source.delta(name, stored=rounded)
        squares.before, squares.after = squares.before + before.square(), squares.after + after.square()
        squares.lost += float((after.matrix() - before.matrix()).double().square().sum())
    tell(len(source.layers), len(source.layers))
    return squares


def _rounded(name: str, stored: Stored, parts: Mapping[str, Tensor], precision: str) -> Stored:
    coarse = PRECISIONS[precision]
    fine = torch.float16 if precision == "bf16" else coarse
    rounded = {part: tensor.to(fine if part in NOT_IN_BF16 else coarse) for part, tensor in parts.items()}
    return Stored(stored.kind, stored.kind.completed(name, rounded))
