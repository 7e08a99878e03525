"""Updates that are known as a whole, in the shape of the layer's weight, and put on as such."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lib_train.networks.frozen import is_plain, is_pristine, layout_of
from lib_train.networks.functional import compute_type
from lib_train.networks.targets import Target
from lib_train.networks.update import Applied


class DenseUpdate:
    """The forwards of an ``Update``, from its ``delta``: W + m delta, as the WebUI's reader puts it on."""

    target: Target

    def delta(self) -> Tensor:
        """See ``Update``."""
        raise NotImplementedError

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        """See ``Update``."""
        return dense_layer(F.linear, x, weight, bias, self.delta() * network.multiplier)

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        """See ``Update``."""
        module: Any = self.target.module
        original, name, layout = module.forward, self.target.name, layout_of(module)
        apply = F.linear if self.target.kind == "linear" else F.conv2d
        pristine = is_pristine(module)

        def forward(x: Tensor) -> Tensor:
            if network.multiplier == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            delta = self.delta() * network.multiplier
            if pristine and is_plain(module.weight):
                return dense_layer(apply, x, module.weight, module.bias, delta, **layout)
            out: Tensor = original(x)
            return out + apply(x.to(out.dtype), delta.to(out.dtype), **layout)

        return forward


def dense_layer(
    apply: Callable[..., Tensor], x: Tensor, weight: Tensor, bias: Tensor | None, delta: Tensor, **layout: Any
) -> Tensor:
    """A frozen layer and what is added to its weight, by one product; by two in 16 bits, whose sum would round small
    updates away.

    Args:
        apply: ``F.linear`` or ``F.conv2d``, which ``layout`` is for.
        x: (..., I) or (B, I, h, w).
        weight, delta: (O, I) or (O, I, K, K), of any types; computed in autocast's, or that of ``x``.
        bias: (O,) or None.

    Returns:
        (..., O) or (B, O, h', w').
    """
    kind = compute_type(x)
    x, weight, delta = x.to(kind), weight.to(kind), delta.to(kind)
    bias = None if bias is None else bias.to(kind)
    if kind in (torch.float32, torch.float64):
        return apply(x, weight + delta, bias, **layout)
    return apply(x, weight, bias, **layout) + apply(x, delta, **layout)
