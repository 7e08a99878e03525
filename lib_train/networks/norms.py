"""A limit on how large the update of each layer becomes."""

from typing import NamedTuple

import torch
from torch import Tensor

from lib_train.networks.kinds import PRODUCTS
from lib_train.networks.network import Network


class Norms(NamedTuple):
    """Of the updates of all layers, after they were limited."""

    shortened: int
    """Layers whose update was."""
    mean: float
    largest: float


@torch.no_grad()
def limit_norms(network: Network, largest: float) -> Tensor:
    """Shorten every update that is longer than this, all of its parameters by the same factor. Waits for no device.

    Kinds whose delta is no product of their parameters, such as DoRA, are left as they are; so is what begins with the
    base model's weights.

    Returns:
        ``Norms`` as (3,), float32, on the network's device; zeros where there is no update to limit.

    Source:
        sd-scripts' networks/lora.py, apply_max_norm_regularization: the Frobenius norm of scale * up @ down.
    """
    shares, norms = [], []
    for update in network.layers.values():
        parameters = update.parameters()
        if parameters.keys() <= PRODUCTS and getattr(update, "is_product", True):
            norm = update.delta().norm()
            share = (largest / norm.clamp(min=largest)).float()
            for parameter in parameters.values():
                parameter.mul_(share ** (1 / len(parameters)))
            shares.append(share)
            norms.append(norm.float() * share)
    if not norms:
        return torch.zeros(3)
    after = torch.stack(norms)
    return torch.stack([(torch.stack(shares) < 1).sum().float(), after.mean(), after.max()])
