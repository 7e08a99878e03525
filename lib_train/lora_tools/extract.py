"""What a checkpoint has learned beside another, as a LoRA: the best approximation of their difference."""

import json
import re
import time
from datetime import datetime
from pathlib import Path

import torch
from torch import Tensor

from lib_train.checkpoints.metadata import ARCHITECTURES
from lib_train.config.tools import ExtractConfig
from lib_train.errors import ModelFileError
from lib_train.lora_tools.algebra import Delta, decomposed
from lib_train.lora_tools.base_file import BaseFile, opened_base
from lib_train.lora_tools.layers import NetworkSource, naming, reckonable
from lib_train.lora_tools.outcome import Outcome, Squares, Tell, nobody, summary_of
from lib_train.lora_tools.resize import made
from lib_train.lora_tools.saving import keyed, reject_unusable, save
from lib_train.networks.places import dotted_name
from lib_train.networks.targets import is_in_resnet, is_trained
from lib_train.networks.update import Parts
from lib_train.texts import Text, say

_TEXT_LAYER = re.compile(r"\.layers\.(\d+)\.")


def extract(base: Path, tuned: Path, to: Path, config: ExtractConfig, tell: Tell = nobody) -> Outcome:
    """Write a LoRA that makes of one checkpoint about the other. Weights are read and reckoned layer by layer.

    Where the two are of different types, the finer one is rounded first: its rounding is nothing that was learned.

    Raises:
        ModelFileError: one is no checkpoint of a known family, they do not fit together, or do not differ.
        FileError: the new file cannot be written.
    """
    reject_unusable(to)
    with opened_base(base) as old, opened_base(tuned) as new:
        names = _names(old, new, config)
        squares, layers, unchanged = Squares(), dict[str, Parts](), set[str]()
        for done, name in enumerate(names):
            tell(done, len(names))
            layers[name], differs = _layer(name, old, new, config, squares)
            if not differs:
                unchanged.add(name)
        tell(len(names), len(names))
        kept = _changed(layers, unchanged)
        if not kept:
            raise ModelFileError(
                say("{path}: differs from {other} in none of these layers; choose other files, or a smaller min_diff",
                    path=tuned, other=base)
            )  # fmt: skip
        notes = _beyond(old, new, set(layers))
        source = NetworkSource(tuned, {}, _metadata(to, old, config))
    done_is = f"extracted by Train Tools: {tuned.stem} - {base.stem}"
    notes += save(to, keyed(kept), source, done_is, config.save_precision)
    return Outcome(before=(), after=summary_of(to, squares.after), error=squares.error, notes=tuple(notes))


def _names(old: BaseFile, new: BaseFile, config: ExtractConfig) -> list[str]:
    """The layers that a LoRA of these settings has."""
    if old.family != new.family:
        raise ModelFileError(
            say("{path}: is {family}, {other} {wanted}; choose two checkpoints of one family",
                path=new.path, family=new.family.upper(), other=old.path, wanted=old.family.upper())
        )  # fmt: skip
    paths = {name: dotted_name(name) for name in old.places if len(old.shape(name)) > 1}
    numbers = [int(found[1]) for path in paths.values() if (found := _TEXT_LAYER.search(path))]
    depth = max(numbers, default=-1) + 1
    chosen = [
        name for name, path in paths.items()
        if is_trained(path, old.family, depth) and (config.conv_rank is not None or not is_in_resnet(path))
    ]  # fmt: skip
    for name in chosen:
        if name not in new.places or new.shape(name) != old.shape(name):
            raise ModelFileError(
                say("{path}: has no layer {name} of the shape {shape}; choose one that was trained from the other",
                    path=new.path, name=name, shape=str(old.shape(name)))
            )  # fmt: skip
    return chosen


def _layer(name: str, old: BaseFile, new: BaseFile, config: ExtractConfig, squares: Squares) -> tuple[Parts, bool]:
    """A layer's LoRA, and whether there is a difference at all."""
    shape, difference = old.shape(name), _difference(old.stored_weight(name), new.stored_weight(name))
    if float(difference.abs().max()) <= config.min_diff:
        nothing = difference.new_zeros(shape[0], 1), difference.new_zeros(1, *shape[1:])
        return made(Delta(shape, difference), *nothing), False
    kernel = len(shape) == 4 and shape[2] > 1
    rank = config.conv_rank if kernel and config.conv_rank is not None else config.rank
    with naming(new.path):
        delta = reckonable(name, Delta(shape, difference.flatten(1)))
    parted = decomposed(delta, rank)
    squares.add(parted.square, parted.lost(rank))
    return made(delta, *parted.cut(rank)), True


def _difference(old: Tensor, new: Tensor) -> Tensor:
    """float32; both rounded to the coarser of their types."""
    coarse = max(old.dtype, new.dtype, key=lambda kind: torch.finfo(kind).eps)
    return new.to(coarse).float() - old.to(coarse).float()


def _differ(old: Tensor, new: Tensor) -> bool:
    if old.is_floating_point() and new.is_floating_point():
        return bool(_difference(old, new).any())
    return not torch.equal(old, new)


def _changed(layers: dict[str, Parts], unchanged: set[str]) -> dict[str, Parts]:
    """Without unchanged layers; of a text encoder all stay where one differs: the WebUI reads its attentions whole."""
    encoders = {_encoder(name) for name in layers if name not in unchanged} - {name for name in layers}
    return {
        name: parts for name, parts in layers.items()
        if name not in unchanged or _encoder(name) in encoders
    }  # fmt: skip


def _encoder(name: str) -> str:
    """The beginning of the names of the layer's text encoder; for layers of the U-Net the name."""
    return name.partition("_text_model_")[0]


def _beyond(old: BaseFile, new: BaseFile, held: set[str]) -> list[Text]:
    """What to tell of differences in tensors of U-Net and text encoders that the LoRA's layers do not hold."""
    keys = {old.places[name].key for name in held}
    others = [key for key in old.model_keys if key not in keys and new.shapes.get(key) == old.shapes[key]]
    differing = [key for key in others if _differ(old.tensor(key), new.tensor(key))]
    if not differing:
        return []
    return [say("{count} tensors that differ too, such as {key}, are not in these layers and are left out",
                count=len(differing), key=differing[0])]  # fmt: skip


def _metadata(to: Path, old: BaseFile, config: ExtractConfig) -> dict[str, str]:
    version, architecture = ARCHITECTURES[old.family, "epsilon"]
    args = {} if config.conv_rank is None else {"conv_dim": config.conv_rank, "conv_alpha": config.conv_rank}
    sgm = "https://github.com/Stability-AI/generative-models"
    return {
        "ss_base_model_version": version, "ss_v2": str(old.family == "sd2"), "ss_network_module": "networks.lora",
        "ss_network_args": json.dumps(args), "ss_sd_model_name": old.path.name, "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": architecture, "modelspec.title": to.stem,
        "modelspec.implementation": sgm if old.family == "sdxl" else "diffusers",
        "modelspec.date": datetime.fromtimestamp(int(time.time())).isoformat(),
    }  # fmt: skip
