"""Low-rank updates. Pure tensor algebra, no modules, no state.

Letters: B batch, O out features, I in features, R rank, K kernel side, N rows (tokens or pixels).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def lora_delta(up: Tensor, down: Tensor, scale: float) -> Tensor:
    """LoRA update of a linear or convolution weight.

    Args:
        up: (O, R) or (O, R, 1, 1).
        down: (R, I) or (R, I, K, K).
        scale: alpha / R.

    Returns:
        (O, I) or (O, I, K, K).

    Source:
        Hu et al. 2021, https://arxiv.org/abs/2106.09685.
    """
    delta = up.flatten(1) @ down.flatten(1)
    return scale * delta.reshape(up.shape[0], *down.shape[1:])


def folded(core: Tensor, down: Tensor) -> Tensor:
    """(R, R, K, K) and (R, I) -> (R, I, K, K): the middle of a convolution in three parts and what comes before it, as
    one part.
    """
    return torch.einsum("pqkl,qi->pikl", core, down)


def lora_update(
    x: Tensor, down: Tensor, up: Tensor, scale: float, thin: Callable[[Tensor], Tensor] | None = None, **layout: Any
) -> Tensor:
    """The update's contribution to a layer's output, by the plain formula for every kind of layer.

    Args:
        x: the layer's input, (..., I) for a linear layer, (B, I, h, w) for a convolution.
        down, up: (R, I) and (O, R), or (R, I, K, K) and (O, R, 1, 1).
        scale: multiplier * alpha / R.
        thin: dropout on the activations between ``down`` and ``up``.
        layout: stride, padding and dilation of the convolution.

    Returns:
        (..., O), or (B, O, h', w') with the sides that ``layout`` gives.
    """
    apply = F.linear if down.dim() == 2 else F.conv2d
    low = apply(x, down, **layout)
    return apply((low if thin is None else thin(low)) * scale, up)


def lora_linear(x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float) -> Tensor:
    """(..., I) -> (..., O): a frozen linear layer and its update, with gradients for ``x``, ``down`` and ``up`` alone.

    Equals ``F.linear(x, weight, bias) + lora_update(x, down, up, scale)`` but for rounding. Under autocast all is
    brought to autocast's type first, as ``F.linear`` does; without, ``down`` and ``up`` to the type of ``x``.

    Args:
        weight, bias: (O, I) and (O,), frozen.
        down, up: (R, I) and (O, R).
        scale: multiplier * alpha / R.
    """
    kind = compute_type(x)
    bias = None if bias is None else bias.to(kind)
    matrices = (weight.to(kind), bias, down.to(kind), up.to(kind))
    out: Tensor = _LoraLinear.apply(x.to(kind), *matrices, scale)  # type: ignore[no-untyped-call]
    return out


def lora_conv1x1(x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float) -> Tensor:
    """(B, I, h, w) -> (B, O, h, w): ``lora_linear`` on each pixel, for a 1x1 convolution without stride and padding.

    Args:
        x: quick where the channels of each pixel lie beside each other.
        weight, down, up: (O, I, 1, 1), (R, I, 1, 1) and (O, R, 1, 1).
    """
    rows = x.permute(0, 2, 3, 1)
    return lora_linear(rows, weight.flatten(1), bias, down.flatten(1), up.flatten(1), scale).permute(0, 3, 1, 2)


class _LoraLinear(torch.autograd.Function):
    """Both sums, of the output and of the gradient for x, happen inside a matrix product.

    Autograd's graph of the plain formula makes full-size tensors for them, and walks over memory for the scale.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float
    ) -> Tensor:
        rows = x.reshape(-1, x.shape[-1])
        low = None
        if _merging_pays(rows, weight):
            weight = torch.addmm(weight, up, down, alpha=scale)
            out = F.linear(rows, weight, bias)
        else:
            low = rows @ down.t()
            out = F.linear(rows, weight, bias).addmm_(low, up.t(), alpha=scale)
        ctx.save_for_backward(rows, weight, down, up, low)
        ctx.scale = scale
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        rows, weight, down, up, low = ctx.saved_tensors
        grad = grads[0].reshape(-1, grads[0].shape[-1])
        grad_low = (grad @ up).mul_(ctx.scale)
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = grad @ weight
            if low is not None:
                grad_x.addmm_(grad_low, down)
            grad_x = grad_x.view(*grads[0].shape[:-1], -1)
        low = rows @ down.t() if low is None else low
        grad_up = (low.t() @ grad).mul_(ctx.scale).t()  # this way round the product is up to twice as fast
        return grad_x, None, None, grad_low.t() @ rows, grad_up, None


def _merging_pays(rows: Tensor, weight: Tensor) -> bool:
    """Whether ``weight`` plus the update, multiplied once, costs less than two extra products for each row.

    Counted in multiplications both are multiples of R: 2 O I against 2 N (I + O); measured on a CPU, where they take
    as long as they count, the factor 2 leaves the losing cases out. In 16 bits the sum would round small updates away.
    """
    out, into = weight.shape
    exact = rows.dtype in (torch.float32, torch.float64) and rows.device.type == "cpu"
    return exact and rows.shape[0] * (out + into) > 2 * out * into


def compute_type(x: Tensor) -> torch.dtype:
    """The type that a matrix product with ``x`` is computed in: autocast's where it is on, else that of ``x``."""
    if x.dtype == torch.float64:
        return x.dtype  # autocast leaves it alone
    device = x.device.type
    if hasattr(torch, "get_autocast_dtype"):  # since torch 2.4; the older names warn there
        return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype
    if device == "cpu":
        return torch.get_autocast_cpu_dtype() if torch.is_autocast_cpu_enabled() else x.dtype
    return torch.get_autocast_gpu_dtype() if device == "cuda" and torch.is_autocast_enabled() else x.dtype
