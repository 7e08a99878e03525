"""A layer of LoHa, LoKr or (IA)3 as PEFT keeps it, to kohya's parts and back; LoRA has the same numbers in both.

LoHa's and LoKr's matrices are the same, too. Their alphas are settings of PEFT's, not tensors; of LoKr it scales
nothing before 0.14, so that the scale is put into the first factor. (IA)3 has 1 + w in PEFT, w in kohya's files.
"""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.network_kinds import Shape
from lib_train.networks.adapter_config import IA3, LOHA, LOKR, LORA, Adapted, alpha_of, on_inputs
from lib_train.networks.kron import divided_of
from lib_train.networks.places import TEXT, Place
from lib_train.networks.update import Parts
from lib_train.texts import say

_FACTORS, _WEIGHT, _ON_INPUT, _ALPHA = "ia3_l", "weight", "on_input", "alpha"
WIDE = frozenset((_FACTORS,))
"""Parts of 1 and a little, which 16 bits would round away."""
_A1, _B1, _W1, _W2 = "hada_w1_a", "hada_w1_b", "lokr_w1", "lokr_w2"
_HADA = frozenset(("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"))
_HADA_NEEDED = frozenset(("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"))
_LOKR = frozenset(("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2"))
_RANKED = (
    (LORA, frozenset(("lora_down.weight",)), ("lora_down.weight",)), (LOHA, _HADA, (_B1,)),
    (LOKR, _LOKR, ("lokr_w2_b", "lokr_w1_b")),
)  # fmt: skip
"""Kinds with ranks, their parts, and those whose first side is the rank."""
_KERNEL_OF_3 = re.compile(r"(^|\.)conv([12]|_in|_out)?$")
"""How paths of 3x3 convolutions end, in diffusers' words."""
_WITHOUT_BIAS = re.compile(r"_attn[12]_to_[qkv]$")


class Layered(NamedTuple):
    """A layer under PEFT's names."""

    parts: dict[str, Tensor]
    adapted: Adapted


def from_peft(name: str, place: Place, parts: Parts, metadata: Mapping[str, str]) -> dict[str, Tensor]:
    """kohya's parts of a layer, alpha among them; what has one already as it is.

    Args:
        name: of the layer in its file, for errors.
        metadata: of the file; see ``adapter_config.py``.

    Raises:
        ModelFileError: the metadata cannot be read, or do not tell on which side of a convolution factors are.
    """
    component = place.component or TEXT
    if _FACTORS in parts:
        return _of_factors(name, parts, on_inputs(metadata, component, place.path))
    if _ALPHA in parts:
        return dict(parts)
    alpha = told_alpha(place, {part: tuple(tensor.shape) for part, tensor in parts.items()}, metadata)
    if alpha is None:
        return dict(parts)
    if {_W1, _W2} <= parts.keys():  # which kohya's readers do not scale
        return {**parts, _W1: _times(parts[_W1], alpha), _ALPHA: torch.tensor(1.0)}
    return {**parts, _ALPHA: torch.tensor(alpha)}


def told_alpha(place: Place, shapes: Mapping[str, Shape], metadata: Mapping[str, str]) -> float | None:
    """The alpha of a layer without a tensor of it, from an adapter's configuration, else its rank; None where its kind
    has none. A LoKr of whole matrices counts as of rank 1.

    Args:
        shapes: of its parts.

    Raises:
        ModelFileError: the metadata cannot be read.
    """
    for kind, names, ranked in _RANKED:
        if not names.isdisjoint(shapes):
            rank = next((shapes[part][0] for part in ranked if shapes.get(part)), 1)
            return alpha_of(metadata, place.component or TEXT, place.path, rank, kind)
    return None


def _rows(parts: Parts, *names: str) -> int:
    return next((parts[name].shape[0] for name in names if name in parts and parts[name].dim()), 1)


def _of_factors(name: str, parts: Parts, inwards: bool | None) -> dict[str, Tensor]:
    found = parts[_FACTORS]
    if found.dim() == 2:
        inwards = found.shape[0] == 1
    elif inwards is None:
        raise ModelFileError(
            say("{name}: whether these factors of a convolution are for its inputs or outputs stands in PEFT's "
                "adapter_config.json, which is missing: put it beside the file, which must be called "
                "adapter_model.safetensors",
                name=name)
        )  # fmt: skip
    weight = (found.double() - 1).float()
    others = {part: tensor for part, tensor in parts.items() if part != _FACTORS}
    return {**others, _WEIGHT: weight.flatten() if found.dim() == 2 else weight, _ON_INPUT: torch.tensor(int(inwards))}


def to_peft(place: Place, parts: Parts) -> Layered | None:
    """PEFT's parts of a layer with kohya's; None where PEFT has no such kind. LoRA is not made here."""
    names = parts.keys() - {_ALPHA}
    if names == {_WEIGHT, _ON_INPUT}:
        return _with_factors(parts[_WEIGHT], bool(parts[_ON_INPUT]))
    if _HADA_NEEDED <= names <= _HADA:
        rank, tucker = _rows(parts, _B1), "hada_t1" in parts
        return Layered(_apart(parts), Adapted(LOHA, rank, _alpha(parts, rank), tucker))
    whole = all({of} <= names or {f"{of}_a", f"{of}_b"} <= names for of in (_W1, _W2))
    kernel = 9 if _KERNEL_OF_3.search(place.path) else 1
    return _with_products(parts, kernel) if whole and names <= _LOKR else None


def _with_factors(weight: Tensor, inwards: bool) -> Layered:
    """1 + w in float32 where that is exact, else in float64."""
    whole = weight.double() + 1
    whole = whole.float() if torch.equal(whole.float().double() - 1, weight.double()) else whole
    side = weight.shape if weight.dim() > 1 else (1, -1) if inwards else (-1, 1)
    return Layered({_FACTORS: whole.reshape(side)}, Adapted(IA3, switch=inwards))


def _with_products(parts: Parts, kernel: int) -> Layered:
    out, tucker, halved = _apart(parts), "lokr_t2" in parts, _W1 not in parts
    divided = divided_of({part: tuple(tensor.shape) for part, tensor in parts.items()}, kernel)
    whole = {_W1, _W2} <= parts.keys()
    rank = max(pair[1] for pair in divided or [(1, 1)]) if whole else _rows(parts, "lokr_w2_b", "lokr_w1_b")
    scale = 1.0 if whole else _alpha(parts, rank) / rank
    one = "lokr_w1_a" if halved else _W1
    out[one] = _times(out[one], scale)
    return Layered(out, Adapted(LOKR, rank, float(rank), tucker, halved, divided or ()))


def _apart(parts: Parts) -> dict[str, Tensor]:
    return {part: tensor for part, tensor in parts.items() if part != _ALPHA}


def _alpha(parts: Parts, rank: int) -> float:
    return float(parts[_ALPHA]) if _ALPHA in parts else float(rank)


def _times(tensor: Tensor, scale: float) -> Tensor:
    """In the tensor's own type where that is exact, else in float32."""
    exact = tensor.double() * scale
    own = exact.to(tensor.dtype)
    return own if torch.equal(own.double(), exact) else exact.float()


def sides_of(parts: Mapping[str, Shape]) -> tuple[int, int]:
    """Outputs and inputs of a layer, by the shapes of its parts; 0 where they do not tell. Kernels count as inputs."""
    shapes = {part: shape for part, shape in parts.items() if len(shape) > 1}
    if "lora_down.weight" in shapes or "lora_up.weight" in shapes:
        return _side(shapes, 0, "lora_up.weight"), _side(shapes, 1, "lora_down.weight")
    if _A1 in shapes or _B1 in shapes:
        return _side(shapes, int("hada_t1" in shapes), _A1), _side(shapes, 1, _B1)
    if _FACTORS in shapes:
        count = math.prod(shapes[_FACTORS])
        return (0, count) if shapes[_FACTORS][0] == 1 else (count, 0)
    tucker = int("lokr_t2" in shapes)
    first = _side(shapes, 0, _W1, "lokr_w1_a"), _side(shapes, 1, _W1, "lokr_w1_b")
    second = _side(shapes, 0, _W2) or _side(shapes, tucker, "lokr_w2_a"), _side(shapes, 1, _W2, "lokr_w2_b")
    return first[0] * second[0], first[1] * second[1]


def _side(shapes: Mapping[str, Shape], axis: int, *names: str) -> int:
    return next((shapes[name][axis] for name in names if name in shapes), 0)


def with_scaled_biases(tensors: Mapping[str, Tensor]) -> int:
    """How many layers of (IA)3 under kohya's names have factors of outputs and a bias, which PEFT multiplies with them
    and every reader of kohya's names leaves as it is.
    """
    outwards = (key for key, tensor in tensors.items() if key.endswith(f".{_ON_INPUT}") and not bool(tensor))
    return sum(not _WITHOUT_BIAS.search(key.partition(".")[0]) for key in outwards)
