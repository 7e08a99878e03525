"""TIES: merge what several networks add to a layer without letting them cancel each other."""

from collections.abc import Sequence

import torch
from torch import Tensor


def ties(deltas: Sequence[Tensor], weights: Sequence[float], share: float) -> Tensor:
    """The mean of those numbers that are large and agree in their sign.

    Args:
        deltas: of one shape.
        weights: of each in the vote and in the mean; a negative one turns the sign round. Only their ratios count.
        share: of each delta's numbers, the largest in absolute value, that count at all.

    Returns:
        In the same shape; 0 where none counts.

    Source:
        Yadav et al. 2023, https://arxiv.org/abs/2306.01708.
    """
    trimmed = torch.stack([_trimmed(delta, share) * weight for delta, weight in zip(deltas, weights, strict=True)])
    sizes = torch.tensor([abs(weight) for weight in weights], dtype=trimmed.dtype).view(-1, *(1,) * deltas[0].dim())
    agree = (trimmed.sign() == trimmed.sum(0).sign()) & (trimmed != 0)
    return (trimmed * agree).sum(0) / (sizes * agree).sum(0).clamp(min=torch.finfo(trimmed.dtype).tiny)


def _trimmed(delta: Tensor, share: float) -> Tensor:
    size = delta.abs().flatten()
    count = max(1, round(share * len(size)))
    kept = torch.zeros_like(size).scatter_(0, size.topk(count).indices, 1.0)
    return delta * kept.view_as(delta)
