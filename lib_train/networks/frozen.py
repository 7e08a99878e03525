"""What a frozen layer allows to those who take its place."""

from typing import Any

import torch
from torch import Tensor, nn

VOUCHED = "_train_tools_vouched"
"""Set by a host on a module: its class's forward, though patched, still computes what torch's does."""
_PLAIN_TYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def is_pristine(module: Any) -> bool:
    """Whether the module's forward is torch's own, patched neither on the instance nor on the class."""
    written_in = getattr(type(module).forward, "__module__", "")
    own = "forward" in module.__dict__ or not (written_in.startswith("torch.nn.modules.") or hasattr(module, VOUCHED))
    return not own and getattr(module, "groups", 1) == 1 and getattr(module, "padding_mode", "zeros") == "zeros"


def is_plain(weight: Tensor) -> bool:
    """Whether it takes part in a matrix product as it is, and wants no gradient."""
    return not weight.requires_grad and weight.dtype in _PLAIN_TYPES


def layout_of(module: Any) -> dict[str, Any]:
    """Stride, padding and dilation of a convolution; nothing for other layers."""
    if not isinstance(module, nn.Conv2d):
        return {}
    return {"stride": module.stride, "padding": module.padding, "dilation": module.dilation}


def is_rows_of_pixels(x: Tensor) -> bool:
    """Whether the channels of each pixel of (B, C, h, w) lie beside each other."""
    return x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
