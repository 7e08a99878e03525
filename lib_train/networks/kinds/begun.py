"""LoRA that begins with a part of the base model's weights: PiSSA and OLoRA. Nothing is taken out of those weights.

With up = U + u and down = D + d, where U and D are what it begins with, the update is up down - U D = u down + U d: of
rank 2 R, nothing at first, and in every number format as exact as u and d are.
"""

import math

import torch
from torch import Generator, Tensor

from lib_train.config.network import NetworkConfig
from lib_train.networks.dropout import layer_seed
from lib_train.networks.kinds import lora
from lib_train.networks.ranks import ALPHA, rank_and_alpha
from lib_train.networks.targets import Target
from lib_train.networks.update import Parts

_MORE, _TIMES = 8, 6
"""Of the search for singular vectors: columns beside those that are wanted, and passes over the weight."""


class BegunUpdate(lora.LoraUpdate):
    """See ``Update``. What is trained, ``up`` and ``down``, is u and d: the way from the beginning."""

    is_product = False
    """Shortening both would not shorten the delta as much."""

    def __init__(self, target: Target, rank: int, alpha: float) -> None:
        super().__init__(target, rank, alpha)
        self.first_down, self.first_up = torch.zeros_like(self.down), torch.zeros_like(self.up)

    def matrices(self) -> tuple[Tensor, Tensor]:
        """(2 R, I) and (O, 2 R), and so for convolutions: D + d above d, u beside U."""
        return torch.cat([self.first_down + self.down, self.down]), torch.cat([self.up, self.first_up.data], 1)

    def constants(self) -> dict[str, Tensor]:
        """The file's alpha, for twice the rank."""
        return {ALPHA: torch.tensor(2 * self.alpha)}

    def stored(self, tensor: Tensor) -> Tensor:
        """The whole matrix that a parameter is the trained part of."""
        for own, whole in zip((self.down, self.up), self.matrices(), strict=True):
            if tensor.data_ptr() == own.data_ptr():
                return super().stored(whole.detach())
        return super().stored(tensor)

    def unpacked(self, parts: Parts) -> Parts:
        """Of matrices as ``stored`` makes them the parts that are trained; others as they are."""
        down, up = parts[lora.DOWN], parts[lora.UP]
        if (down.shape[0], up.shape[1]) != (2 * self.rank, 2 * self.rank):
            return parts
        return {**parts, lora.DOWN: down[self.rank :], lora.UP: up[:, : self.rank]}

    @torch.no_grad()
    def set_constants(self, parts: Parts) -> None:
        """The beginning, too. U stands in the file; so does D, but for rounding, unless it is known already."""
        self.alpha = float(parts[ALPHA]) / 2
        both = parts[lora.DOWN][: self.rank].to(self.down).reshape(self.down.shape)
        known = self.first_down + self.down == both
        self.first_down = torch.where(known, self.first_down, both - self.down)
        self.first_up.copy_(parts[lora.UP][:, self.rank :].reshape(self.up.shape))


@torch.no_grad()
def _create(target: Target, config: NetworkConfig, seed: int) -> BegunUpdate:
    update = BegunUpdate(target, *rank_and_alpha(target.layer, config))
    weight, rank = target.weight.float().flatten(1), min(update.rank, *target.weight.flatten(1).shape)
    if config.network_init == "pissa":
        up, down = principal(weight, rank, layer_seed(seed, target.name))
    else:
        up, down = leading(weight, rank)
    root = math.sqrt(update.scale)
    update.first_up.flatten(1)[:, :rank] = up / root
    update.first_down.flatten(1)[:rank] = down / root
    return update


def principal(weight: Tensor, rank: int, seed: int) -> tuple[Tensor, Tensor]:
    """The two halves of a matrix' largest singular values, (O, R) and (R, I), by randomised subspace iteration.

    Source:
        Meng et al. 2024 (PiSSA), https://arxiv.org/abs/2404.02948; Halko et al. 2011, https://arxiv.org/abs/0909.4061.
    """
    width = min(rank + _MORE, *weight.shape)
    draw = torch.randn(weight.shape[1], width, generator=Generator().manual_seed(seed)).to(weight.device)
    base = torch.linalg.qr(weight @ draw)[0]
    for _ in range(_TIMES):
        base = torch.linalg.qr(weight @ torch.linalg.qr(weight.t() @ base)[0])[0]
    left, values, right = torch.linalg.svd(base.t() @ weight, full_matrices=False)
    roots = values[:rank].sqrt()
    return (base @ left[:, :rank]) * roots, roots[:, None] * right[:rank]


def leading(weight: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """The first R columns of Q and rows of R of a matrix' QR decomposition, (O, R) and (R, I).

    Source:
        Bueyuekakyuez 2024 (OLoRA), https://arxiv.org/abs/2406.01775.
    """
    base = torch.linalg.qr(weight[:, :rank])[0]
    return base, base.t() @ weight


KIND = lora.KIND._replace(create=_create)
