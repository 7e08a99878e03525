"""Low-rank updates of a weight whose inputs are scaled, without anything of the weight's size.

Letters as in ``functional``.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lib_train.networks.dense import gradients, in_full
from lib_train.networks.functional import compute_type


@torch.no_grad()
def squares_of(weight: Tensor) -> Tensor:
    """(I,): the sum of squares of what stands behind each input of (O, I) or (O, I, K, K)."""
    return weight.transpose(0, 1).flatten(1).square().sum(1)


@torch.no_grad()
def norms_of_sum(weight: Tensor, squares: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
    """(I,): the norms behind each input of weight + scale * up @ down, from Gram matrices of the factors.

    |W + B A|^2 = |W|^2 + 2 A * (B^t W) + A * (B^t B A), the scale within B, summed over all but the inputs.

    Args:
        weight: (O, I) or (O, I, K, K).
        squares: ``squares_of`` the weight.
        down, up: (R, I) and (O, R), or (R, I, K, K) and (O, R, 1, 1).
    """
    wide, narrow = (factor.flatten(1).to(weight.dtype) for factor in (up, down))
    wide = wide * scale
    both = (wide.t() @ weight.flatten(1)).mul_(2).addmm_(wide.t() @ wide, narrow)
    mixed = (both * narrow).view(down.shape).transpose(0, 1).flatten(1).sum(1)
    return (squares + mixed).clamp_(min=0).sqrt_()


def scaled_layer(
    x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, share: Tensor, scale: float,
    multiplier: float, **layout: Any,
) -> Tensor:  # fmt: skip
    """A frozen layer whose weight is W + m ((W + scale up @ down) share - W), with gradients for ``x``, ``down``,
    ``up`` and ``share``; in autocast's type, or that of ``x``.

    The weight's inputs are scaled instead of the weight. In 16 bits the layer is computed twice, since a sum would
    round small updates away.

    Args:
        x: (..., I) or (B, I, h, w).
        weight, bias: (O, I) or (O, I, K, K), and (O,); frozen.
        down, up: (R, I) and (O, R), or (R, I, K, K) and (O, R, 1, 1).
        share: (I,).
        layout: stride, padding and dilation of a convolution.

    Returns:
        (..., O) or (B, O, h', w').
    """
    kind = compute_type(x)
    bias = None if bias is None else bias.to(kind)
    out: Tensor = _Scaled.apply(  # type: ignore[no-untyped-call]
        x.to(kind), weight.to(kind), bias, down, up, share, scale * multiplier, multiplier, layout
    )
    return out


class _Scaled(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, share: Tensor,
        scale: float, multiplier: float, layout: dict[str, Any],
    ) -> Tensor:  # fmt: skip
        apply = F.linear if weight.dim() == 2 else F.conv2d
        more = _on_inputs(multiplier * (share - 1), weight).to(x.dtype)
        narrow, wide = (down * _on_inputs(share, weight)).to(x.dtype), up.to(x.dtype)
        if _exact(x):
            out = apply(x * (1 + more), weight, bias, **layout)
        else:
            out = apply(x, weight, bias, **layout).add_(apply(x * more, weight, **layout))
        low = apply(x, narrow, **layout)
        out.add_(apply(low * scale, wide))
        ctx.save_for_backward(x, weight, down, wide, share, low)
        ctx.scale, ctx.multiplier, ctx.layout, ctx.kind = scale, multiplier, layout, up.dtype
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, down, wide, share, low = ctx.saved_tensors
        wants_x, shares = ctx.needs_input_grad[0], _on_inputs(share, weight)
        plain = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)} if weight.dim() == 4 else {}
        grad_low, grad_up = gradients(grads[0], low, wide, plain, (True, True))
        grad_low = grad_low * ctx.scale
        of_low, found = gradients(grad_low, x, (down * shares).to(x.dtype), ctx.layout, (wants_x, True))
        of_layer, _ = gradients(grads[0], x, weight, ctx.layout, (True, False))
        with in_full(x):
            found = found.to(down.dtype)
            axis = 1 if weight.dim() == 4 else x.dim() - 1
            apart = (of_layer * x).transpose(0, axis).flatten(1).sum(1, dtype=share.dtype)
            grad_share = ctx.multiplier * apart + (found * down).transpose(0, 1).flatten(1).sum(1)
        if wants_x:
            of_low.addcmul_(of_layer, (1 + ctx.multiplier * (shares - 1)).to(x.dtype))
        kind = ctx.kind
        return of_low, None, None, found * shares, (grad_up * ctx.scale).to(kind), grad_share, None, None, None


def _exact(x: Tensor) -> bool:
    return x.dtype in (torch.float32, torch.float64)


def _on_inputs(share: Tensor, weight: Tensor) -> Tensor:
    """(I,) in the shape that multiplies a layer's inputs, or its weight's: the last axis, or channels."""
    return share.view(-1, *[1] * (weight.dim() - 2))
