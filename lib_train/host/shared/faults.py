"""Why a VAE returns NaN: its file is broken, or half precision overflows."""

import torch
from torch import nn

from lib_train.networks.finite import not_finite, some_of
from lib_train.texts import say


def vae_fault(vae: nn.Module, file: str, dtype: torch.dtype, way_out: str) -> str:
    """The end of a sentence about latents that are NaN or infinite.

    Args:
        file: which the VAE came from.
        dtype: that it computes in.
        way_out: of this host, where half precision is the cause.
    """
    broken = not_finite(vae.named_parameters())
    if broken:
        return say(
            "the VAE in {file} is broken, {count} of its tensors hold NaN or infinity ({names}): take another copy, or "
            "choose another VAE",
            file=file, count=len(broken), names=some_of(broken),
        )  # fmt: skip
    if dtype == torch.float32:
        return say(
            "the VAE in {file} is broken, its weights are numbers and what it makes of a picture in float32 is none: "
            "take another copy, or choose another VAE",
            file=file,
        )
    half = str(dtype).removeprefix("torch.")
    return say(
        "the VAE in {file} overflows in half precision ({half}): {way_out}", file=file, half=half, way_out=way_out
    )
