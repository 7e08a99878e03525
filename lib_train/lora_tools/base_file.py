"""The weights of a base model's single file, read one by one under the names that network files give their layers."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from lib_train.checkpoints.inspect import unsound
from lib_train.checkpoints.opened import OpenTensors, changed_since, opened_tensors, state_of
from lib_train.errors import ModelFileError
from lib_train.file_kinds import TORCH, kind_of_file
from lib_train.lora_tools.layers import Weights
from lib_train.networks.finite import not_finite
from lib_train.networks.keys import diffusers_unet_name, kohya_text_name, kohya_unet_name, open_clip_layer_name
from lib_train.networks.targets import SHARES
from lib_train.pickled import file_errors, pickled_tensors
from lib_train.texts import say

_UNET = "model.diffusion_model."
_TEXTS = (
    ("sd1", ("cond_stage_model.transformer.",)),
    ("sd2", ("cond_stage_model.model.",)),
    ("sdxl", ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model.")),
    ("sd2", ("conditioner.embedders.0.model.",)),  # SD-Turbo: SD2 under SDXL's names
)
"""Prefixes of each family's text encoders; names below ``.transformer.`` are transformers', else open_clip's."""
_SCALED = ("scaled_fp8", ".scale_weight", ".weight_scale")
"""How tensors are called beside weights in fp8 that mean nothing without them."""
_FUSED = re.compile(r"(.+\.attn)\.in_proj_weight")


class Place(NamedTuple):
    """Where a layer's weight stands in the file."""

    key: str
    rows: slice | None = None
    """Of an attention whose q, k and v stand in one matrix."""
    bias: str = ""
    """The key of its bias; empty where it has none."""


@dataclass(frozen=True)
class BaseFile:
    """An open checkpoint."""

    path: Path
    family: str
    """"sd1", "sd2" or "sdxl"."""
    prefixes: tuple[str, ...]
    """How the keys of U-Net and text encoders begin."""
    shapes: Mapping[str, tuple[int, ...]]
    """Of each tensor, by its key."""
    places: Mapping[str, Place]
    """By the layers' names in network files."""
    tensor: Callable[[str], Tensor]
    """A tensor of the file as it is, by its key."""
    file: OpenTensors | None = None
    """None where ``torch.save`` wrote it, so that its tensors do not stand one behind the other."""

    def weight(self, name: str) -> Tensor:
        """A layer's weight, float32.

        Raises:
            ModelFileError: there is no such layer.
        """
        return self.stored_weight(name).float()

    def stored_weight(self, name: str) -> Tensor:
        """As ``weight``, in the file's own type."""
        if name not in self.places:
            raise ModelFileError(
                say("{path}: has no layer {name}; choose the base model of the network's family",
                    path=self.path, name=name)
            )  # fmt: skip
        key, rows, _ = self.places[name]
        found = self.numbers(key)
        return found if rows is None else found[rows]

    def numbers(self, key: str) -> Tensor:
        """As ``tensor``, of one that can be reckoned with.

        Raises:
            ModelFileError: it is of integers, or holds NaN or infinity.
        """
        found = self.tensor(key)
        if not found.is_floating_point():
            raise ModelFileError(
                say("{path}: holds tensors of the type {kind}; choose one in fp16, bf16 or fp32",
                    path=self.path, kind=str(found.dtype).removeprefix("torch."))
            )  # fmt: skip
        if not_finite([(key, found)]):
            raise unsound(self.path, [key])
        return found

    @property
    def model_keys(self) -> list[str]:
        """Keys of the tensors of U-Net and text encoders."""
        return [key for key in self.shapes if key.startswith(self.prefixes)]

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a layer's weight."""
        place = self.places[name]
        rows, *rest = self.shapes[place.key]
        return (rows // 3 if place.rows else rows, *rest)


@contextmanager
def opened_base(path: Path) -> Iterator[BaseFile]:
    """A checkpoint of SD1, SD2 or SDXL, whose tensors are read when they are asked for. Nothing of a .ckpt is run.

    Raises:
        ModelFileError: it is no file of tensors, damaged, or no such checkpoint.
        OutOfMemory: the machine has too little memory to open it.
    """
    if _is_pickled(path):
        with _opened_pickle(path) as base:
            yield base
        return
    with opened_tensors(path) as opened:
        yield _base(path, opened.shapes, opened.take, opened)


@contextmanager
def _opened_pickle(path: Path) -> Iterator[BaseFile]:
    """Its tensors are mapped: touching those of a file that was cut would end the process."""
    with file_errors(path):
        file = path.open("rb")
    with file:
        state = state_of(file)
        with file_errors(path):
            tensors = pickled_tensors(path)

        def take(key: str) -> Tensor:
            if state_of(file) != state:
                raise changed_since(path)
            found = tensors[key].clone()
            if state_of(file) != state:
                raise changed_since(path)
            return found

        yield _base(path, {key: tuple(tensor.shape) for key, tensor in tensors.items()}, take)


def _is_pickled(path: Path) -> bool:
    with file_errors(path):
        return os.path.isfile(path) and kind_of_file(path) == TORCH


def _base(
    path: Path, shapes: Mapping[str, tuple[int, ...]], tensor: Callable[[str], Tensor], file: OpenTensors | None = None
) -> BaseFile:
    if scaled := next((key for key in shapes if key.endswith(_SCALED)), None):
        raise ModelFileError(
            say("{path}: its weights are to be multiplied by factors beside them ({key}), which is not read here; "
                "choose one in fp16, bf16 or fp32", path=path, key=scaled)
        )  # fmt: skip
    family, prefixes = _family_of(path, shapes)
    places = dict(_places(shapes, family, prefixes))
    return BaseFile(path, family, (_UNET, *prefixes), shapes, places, tensor, file)


@contextmanager
def base_weights(path: Path | None) -> Iterator[Weights | None]:
    """The weights of a checkpoint by the layers' names; None without one.

    Raises:
        ModelFileError: see ``opened_base``.
    """
    if path is None:
        yield None
    else:
        with opened_base(path) as base:
            yield base.weight


def _family_of(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, tuple[str, ...]]:
    for family, prefixes in _TEXTS:
        if all(any(key.startswith(prefix) for key in shapes) for prefix in (_UNET, *prefixes)):
            return family, prefixes
    raise ModelFileError(
        say(
            "{path}: is no whole checkpoint of SD1.x, SD2.x or SDXL; choose a .safetensors or .ckpt file of one",
            path=path,
        )
    )


def _places(
    shapes: Mapping[str, tuple[int, ...]], family: str, prefixes: tuple[str, ...]
) -> Iterator[tuple[str, Place]]:
    for key, shape in shapes.items():
        if shape and (found := _FUSED.fullmatch(key)):
            yield from _fused(found[1], key, shape, family, prefixes)
        path, _, part = key.rpartition(".")
        if part == "weight" and shape and (name := _name(path, family, prefixes)):
            bias = f"{path}.bias"
            yield name, Place(key, None, bias if bias in shapes else "")


def _name(path: str, family: str, prefixes: tuple[str, ...]) -> str | None:
    """The name in network files of the module that the checkpoint calls ``path``."""
    if path.startswith(_UNET):
        name = diffusers_unet_name(path.removeprefix(_UNET), family)
        return kohya_unet_name(name, family) if name else None
    for index, prefix in enumerate(prefixes):
        if path.startswith(prefix):
            return _text_name(path.removeprefix(prefix), prefix, family, index)
    return None


def _text_name(name: str, prefix: str, family: str, index: int) -> str | None:
    if prefix.endswith(".transformer."):
        return kohya_text_name(name, family, index)
    outer, is_out, _ = name.partition(".out_proj")
    layer = open_clip_layer_name(outer)
    return kohya_text_name(layer + is_out, family, index) if layer else None


def _fused(
    module: str, key: str, shape: tuple[int, ...], family: str, prefixes: tuple[str, ...]
) -> Iterator[tuple[str, Place]]:
    name, width, bias = _name(module, family, prefixes), shape[0] // 3, f"{module}.in_proj_bias"
    for place, share in enumerate(SHARES[:3] if name else ()):
        yield f"{name}_{share}_proj", Place(key, slice(place * width, (place + 1) * width), bias)
