"""Flat storage: many parameters as views of one, so that an optimizer works on one long tensor."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def flatten(parameters: Sequence[nn.Parameter]) -> nn.Parameter:
    """One parameter (N,) that shares memory with all of ``parameters``, and its ``.grad`` with all of theirs.

    Gradients are summed up in place where they lie, so clear them with ``zero_()``, never by setting them to None.
    """
    flat = nn.Parameter(torch.cat([p.detach().reshape(-1) for p in parameters]))
    flat.grad = torch.zeros_like(flat)
    start = 0
    for parameter in parameters:
        end = start + parameter.numel()
        parameter.data = flat.data[start:end].view(parameter.shape)
        parameter.grad = flat.grad[start:end].view(parameter.shape)
        start = end
    return flat


def clip_(gradients: Sequence[Tensor], largest: float) -> Tensor:
    """Scale the gradients in place so that their joint L2 norm is at most ``largest``; does not wait for the device.

    Returns:
        The norm before, 0-dim, on the gradients' device.
    """
    norms = [torch.linalg.vector_norm(gradient) for gradient in gradients]
    total: Tensor = norms[0] if len(norms) == 1 else torch.linalg.vector_norm(torch.stack(norms))
    factor = (largest / (total + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(factor)
    return total
