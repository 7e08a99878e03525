"""Updates of torch's MultiheadAttention, in which open_clip's text encoders keep q, k and v as one matrix."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from lib_train.networks.targets import share_of
from lib_train.networks.update import Applied, Update

_Worn = tuple[Mapping[str, Update], Applied]
_WORN = "_train_tools_worn"
"""Updates by share with their networks that a forward puts on, those of lower networks first."""


def attention_forward(
    module: Any, updates: Mapping[str, Update], network: Applied
) -> Callable[..., tuple[Tensor, None]]:
    """A forward for a MultiheadAttention of width E that adds updates to its ``SHARES``.

    Args:
        module: an ``nn.MultiheadAttention``; its forward of now is called while the multiplier is 0, and may be such a
            one too, whose updates stay on.
        updates: by share: "q", "k", "v", "out". Shares without one are computed as they are.
        network: the ``Network``, whose multiplier and dropouts are read at each call.

    Returns:
        A function of query, key and value, each (L, B, E), or (B, L, E) where the module is batch_first, to the output
        of the same shape and None. Text encoders pass no padding mask and ask for no attention weights: it asserts
        that.
    """
    original = module.forward
    worn: tuple[_Worn, ...] = (*getattr(original, _WORN, ()), (updates, network))

    def forward(query: Tensor, key: Tensor, value: Tensor, **options: Any) -> tuple[Tensor, None]:
        if network.multiplier == 0:
            untouched: tuple[Tensor, None] = original(query, key, value, **options)
            return untouched
        mask = options.get("attn_mask")
        assert options.get("key_padding_mask") is None, "text encoders mask nothing but what comes later"
        assert not options.get("need_weights", True), "text encoders do not ask for attention weights"
        parts = {"q": query, "k": key, "v": value}
        q, k, v = (
            _heads(_projected(module, share, _pictures_first(x, module), worn), module) for share, x in parts.items()
        )
        attended = F.scaled_dot_product_attention(q, k, v, None if mask is None else mask.to(q.dtype))
        out = _projected(module, "out", attended.transpose(1, 2).flatten(2), worn)
        return _pictures_first(out, module), None

    setattr(forward, _WORN, worn)
    return forward


def _pictures_first(x: Tensor, module: nn.MultiheadAttention) -> Tensor:
    """(B, L, E) of (B, L, E), or of (L, B, E) as open_clip before 2.27 lays it out; and back again.

    Dropouts count pictures along the first axis.
    """
    return x if module.batch_first else x.transpose(0, 1)


def _heads(x: Tensor, module: nn.MultiheadAttention) -> Tensor:
    """(B, heads, L, E / heads) of (B, L, E)."""
    return x.reshape(*x.shape[:2], module.num_heads, -1).transpose(1, 2)


def _projected(module: nn.MultiheadAttention, share: str, x: Tensor, worn: Sequence[_Worn]) -> Tensor:
    weight, bias = share_of(module, share)
    on = [
        (updates[share], network)
        for updates, network in worn
        if share in updates and network.multiplier and not network.dropout.skips(updates[share].target.name)
    ]
    if not on:
        return F.linear(x, weight, bias)
    *lower, (update, network) = on
    out = update.linear(x, weight, bias, network)
    if lower:
        plain = F.linear(x, weight, bias)
        out = out + sum(update.linear(x, weight, bias, network) - plain for update, network in lower)
    return out
