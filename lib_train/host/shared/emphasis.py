"""Weights of tokens on what a text encoder makes of them, as the WebUI's emphasis "Original" applies them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lib_train.host.shared.prompts import CHUNK, Chunk


def emphasised(states: Tensor, chunks: Sequence[Chunk]) -> Tensor:
    """Token states (n, 77, C) of one encoder times their weights; each chunk's mean is brought back to what it was.

    Source:
        The WebUI's emphasis "Original", which treats every encoder and every chunk by itself.
    """
    if all(weight == 1.0 for chunk in chunks for _, weight in chunk):
        return states
    rows = [[1.0, *(weight for _, weight in chunk)] + [1.0] * (CHUNK + 1 - len(chunk)) for chunk in chunks]
    weights = torch.tensor(rows, device=states.device, dtype=states.dtype)[:, :, None]
    stressed = states * weights
    back = states.mean((1, 2), keepdim=True) / stressed.mean((1, 2), keepdim=True)
    return torch.where((weights == 1).all(1, keepdim=True), states, stressed * back)
