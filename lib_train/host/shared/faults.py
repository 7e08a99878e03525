"""Why a VAE returns NaN: its file is broken, or half precision overflows."""

import torch
from torch import nn

from lib_train.networks.finite import not_finite, some_of


def vae_fault(vae: nn.Module, file: str, dtype: torch.dtype, way_out: str) -> str:
    """The end of a sentence about latents that are NaN or infinite.

    Args:
        file: which the VAE came from.
        dtype: that it computes in.
        way_out: of this host, where half precision is the cause.
    """
    broken = not_finite(vae.named_parameters())
    if broken:
        fault = f"the VAE in {file} is broken, {len(broken)} of its tensors hold NaN or infinity ({some_of(broken)})"
    elif dtype == torch.float32:
        fault = (
            f"the VAE in {file} is broken, its weights are numbers and what it makes of a picture in float32 is none"
        )
    else:
        return f"the VAE in {file} overflows in half precision ({str(dtype).removeprefix('torch.')}): {way_out}"
    return f"{fault}: take another copy, or choose another VAE"
