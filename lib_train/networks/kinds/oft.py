"""OFT and BOFT: outputs of a layer are rotated, in blocks. Read and put on, not trained."""

import math

import torch
from torch import Tensor, nn

from lib_train.errors import ModelFileError
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.parts import number_in, take
from lib_train.networks.ranks import ALPHA
from lib_train.networks.targets import Target
from lib_train.networks.update import Algebra, Kind, Parts, Update, put_on_only
from lib_train.texts import say

BLOCKS, RESCALE = "oft_blocks", "rescale"


class OftUpdate(DenseUpdate):
    """R W - W, R = (1 + Q) / (1 - Q) with Q = blocks - blocks'. ``blocks`` are (K, B, B) with K B = O, whose rotations
    stand transposed; or of BOFT (M, K, B, B), of which each of M rotates outputs farther apart. ``rescale`` is (O,).

    Source:
        Qiu et al. 2023, https://arxiv.org/abs/2306.07280; Liu et al. 2023 (BOFT), https://arxiv.org/abs/2311.06243; as
        the WebUI's network_oft.py reads them.
    """

    def __init__(self, target: Target, parts: Parts) -> None:
        self.target, self.alpha = target, float(parts[ALPHA])
        device = target.weight.device
        self._parts = {
            part: nn.Parameter(torch.zeros_like(parts[part], dtype=torch.float32, device=device))
            for part in (BLOCKS, RESCALE) if part in parts
        }  # fmt: skip

    def parameters(self) -> dict[str, nn.Parameter]:
        return dict(self._parts)

    def constants(self) -> dict[str, Tensor]:
        """Its length's limit for each output, by which Q is held short; 0 is none."""
        return {ALPHA: torch.tensor(self.alpha)}

    def set_constants(self, parts: Parts) -> None:
        self.alpha = float(parts[ALPHA])

    def stored(self, tensor: Tensor) -> Tensor:
        ones = [1] * (self.target.weight.dim() - 1)
        return tensor.view(-1, *ones) if tensor.dim() == 1 else tensor

    def _rotations(self) -> Tensor:
        blocks = self._parts[BLOCKS]
        skew, one = blocks - blocks.transpose(-1, -2), torch.eye(blocks.shape[-1], device=blocks.device).to(blocks)
        limit, length = self.alpha * len(self.target.weight), torch.linalg.vector_norm(skew)
        if 0 < limit < length:
            skew = skew * (limit / length)
        rotations: Tensor = torch.linalg.solve(one - skew, one + skew, left=False)
        return rotations

    def delta(self) -> Tensor:
        frozen = self.target.weight
        weight = (frozen if frozen.dtype == torch.float64 else frozen.float()).flatten(1)
        rotations, turned = self._rotations().to(weight.dtype), weight
        if rotations.dim() == 3:
            turned = (rotations.transpose(1, 2) @ weight.view(*rotations.shape[:2], -1)).flatten(0, 1)
        else:
            for level, rotation in enumerate(rotations):
                turned = _butterfly(rotation, turned, 2**level * rotation.shape[-1] // 2)
        if RESCALE in self._parts:
            turned = turned * self._parts[RESCALE][:, None]
        return (turned - weight).view(frozen.shape)


def _butterfly(rotation: Tensor, rows: Tensor, apart: int) -> Tensor:
    """(K, B, B) on (K B, N): on blocks of rows, each taken from two runs of ``apart`` rows in turn."""
    paired = rows.view(-1, 2, apart, rows.shape[1]).transpose(1, 2)
    turned = rotation @ paired.reshape(*rotation.shape[:2], -1)
    return turned.reshape(-1, apart, 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape)


def _kind(dims: int) -> Kind:
    def completed(name: str, parts: Parts) -> Parts:
        """Without alpha nothing is held short."""
        found, size = parts[BLOCKS], parts[BLOCKS].shape
        if found.dim() != dims or size[-1] != size[-2] or not found.numel() or dims == 4 and size[-1] % 2:
            raise ModelFileError(
                say("{tensor} has shape {shape}: these are no square blocks; the file is damaged, take another copy",
                    tensor=f"{name}.{BLOCKS}", shape=str(tuple(size)))
            )  # fmt: skip
        scales = {RESCALE: parts[RESCALE].flatten()} if RESCALE in parts else {}
        return {BLOCKS: found, ALPHA: number_in(parts, name, ALPHA, default=0), **scales}

    def read(parts: Parts, target: Target) -> Update:
        outputs, sizes = len(target.weight), parts[BLOCKS].shape
        numbers = [math.prod(sizes[-3:-1]), len(parts.get(RESCALE, target.weight))]
        if numbers != [outputs] * 2 or dims == 4 and outputs % (2 ** (sizes[0] - 1) * sizes[-1]):
            raise ModelFileError(
                say("{name}: its blocks make no weight of the shape {wanted}: choose a file of the same family as the "
                    "base model", name=target.name, wanted=str(tuple(target.weight.shape)))
            )  # fmt: skip
        update = OftUpdate(target, parts)
        take([(update, parts)])
        return update

    algebra = Algebra(lambda parts: None, needs_weight=True)
    return put_on_only((BLOCKS, ALPHA, RESCALE), completed, read, algebra, not_in_bf16=(RESCALE,))


KIND, BUTTERFLY = _kind(3), _kind(4)
