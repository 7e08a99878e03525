"""Updates that are Kronecker products. Pure tensor algebra, no modules, no state.

Letters as in ``functional``; the layer has O = L P outputs and I = M Q inputs, of which the first factor has L and M.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from lib_train.networks.functional import compute_type


def factorization(number: int, factor: int) -> tuple[int, int]:
    """Two numbers whose product is ``number``, the smaller first: ``factor`` is one of them where it divides it, else
    they are as near to each other as can be with a first one of ``factor`` at most; -1 does not limit it.

    >>> [factorization(*pair) for pair in ((640, -1), (640, 8), (250, 16), (127, 4))]
    [(20, 32), (8, 80), (10, 25), (1, 127)]

    Source:
        lycoris/functional/general.py, factorization.
    """
    if factor > 0 and number % factor == 0:
        return min(factor, number // factor), max(factor, number // factor)
    most = math.isqrt(number) if factor < 0 else min(factor, math.isqrt(number))
    small = next(small for small in range(max(most, 1), 0, -1) if number % small == 0)
    return small, number // small


Pair = tuple[int, int]
"""Two numbers whose product is a layer's outputs or inputs: L and P, or M and Q."""


def divided_of(shapes: Mapping[str, tuple[int, ...]], kernel: int) -> tuple[Pair, Pair] | None:
    """How LoKr divides a layer, by the shapes of its parts; None where they do not tell.

    Args:
        kernel: K K, which stands with the inputs where the second factor is a product of two.
    """
    try:
        whole = shapes.get("lokr_w1")
        first = (whole[0], whole[1]) if whole else (shapes["lokr_w1_a"][0], shapes["lokr_w1_b"][1])
        if second := shapes.get("lokr_w2"):
            return (first[0], second[0]), (first[1], second[1])
        a, b = shapes["lokr_w2_a"], shapes["lokr_w2_b"]
        if "lokr_t2" in shapes:
            return (first[0], a[1]), (first[1], b[1])
        return (first[0], a[0]), (first[1], b[1] // kernel)
    except (KeyError, IndexError):
        return None


def fitting_factor(
    pairs: Collection[Pair], tried: Iterable[int], divided: Callable[[int, int], Pair] = factorization
) -> int | None:
    """A factor by which all of these are divided as they are: one of ``tried``, or of their own numbers; None where no
    factor does that.

    >>> fitting_factor([(8, 40), (5, 25)], [-1])
    8
    """
    for place in (0, 1):
        tried = [*tried, *sorted({pair[place] for pair in pairs}, reverse=True)]
    return next((one for one in tried if all(divided(a * b, one) == (a, b) for a, b in pairs)), None)


def kron_delta(first: Tensor, second: Tensor) -> Tensor:
    """(L, M) and (P, Q) or (P, Q, K, K) -> (O, I) or (O, I, K, K): each number of ``first`` times the whole second."""
    return torch.kron(first.view(*first.shape, *[1] * (second.dim() - 2)), second)


def is_cheap(first: Tensor, second: Tensor) -> bool:
    """Whether two small products for each row, forth and back, cost less than the gradient for the whole weight."""
    into, out = first.shape[1], second.shape[0]
    return 2 * (into + out) < into * out


def kron_conv(x: Tensor, first: Tensor, second: Tensor, **layout: Any) -> Tensor:
    """(B, I, h, w) -> (B, O, h', w'): the convolution with ``kron_delta``, by two small steps.

    Args:
        layout: stride, padding and dilation of the convolution.
    """
    batch, (out, into) = x.shape[0], first.shape
    if out < into:
        x = _mixed(x, first)
    low = F.conv2d(x.reshape(batch * min(out, into), -1, *x.shape[2:]), second, **layout)
    low = low.view(batch, -1, *low.shape[2:])
    return low if out < into else _mixed(low, first)


def _mixed(x: Tensor, first: Tensor) -> Tensor:
    """(B, M Q, h, w) -> (B, L Q, h, w)."""
    return torch.matmul(first, x.reshape(x.shape[0], first.shape[1], -1)).view(x.shape[0], -1, *x.shape[2:])


def kron_linear(
    x: Tensor, weight: Tensor | None, bias: Tensor | None, first: Tensor, second: Tensor, scale: float
) -> Tensor:
    """(..., I) -> (..., O): a frozen linear layer and its update, with gradients for ``x`` and the factors alone.

    Equals ``F.linear(x, weight + scale * kron_delta(first, second), bias)`` but for rounding, in autocast's type or
    that of ``x``.

    Args:
        weight, bias: (O, I) and (O,), frozen; None is no layer beneath.
        first, second: (L, M) and (P, Q).
        scale: multiplier * alpha / R.
    """
    kind = compute_type(x)
    weight, bias = (None if tensor is None else tensor.to(kind) for tensor in (weight, bias))
    factors = (first.to(kind) * scale, second.to(kind))
    out: Tensor = _KronLinear.apply(x.to(kind), weight, bias, *factors)  # type: ignore[no-untyped-call]
    return out


class _KronLinear(torch.autograd.Function):
    """The gradient for the factors is made of small products, never of one of the weight's size."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, first: Tensor, second: Tensor
    ) -> Tensor:
        ctx.save_for_backward(x, weight, first, second)
        rows = x.reshape(-1, x.shape[-1])
        if weight is not None and _merging_pays(rows, first, second):
            return F.linear(x, kron_delta(first, second).add_(weight), bias)
        mixed = _rows_mixed(rows, first)
        added = (mixed.view(-1, second.shape[1]) @ second.t()).view(*x.shape[:-1], -1)
        return added if weight is None else added.add_(F.linear(x, weight, bias))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, first, second = ctx.saved_tensors
        rows, grad = x.reshape(-1, x.shape[-1]), grads[0].reshape(-1, grads[0].shape[-1])
        mixed, flat = _rows_mixed(rows, first), grad.reshape(-1, second.shape[0])
        grad_second = flat.t() @ mixed.view(-1, second.shape[1])
        grad_mixed = (flat @ second).view(len(rows), len(first), -1)
        apart = rows.view(len(rows), first.shape[1], -1)
        sides = (side.transpose(0, 1).reshape(side.shape[1], -1) for side in (grad_mixed, apart))
        grad_first = torch.matmul(next(sides), next(sides).t())
        grad_x = None
        if ctx.needs_input_grad[0]:
            if weight is not None and _merging_pays(rows, first, second):
                grad_x = grad @ kron_delta(first, second).add_(weight)
            else:
                grad_x = torch.matmul(first.t(), grad_mixed).view(rows.shape)
                grad_x = grad_x if weight is None else grad_x.addmm_(grad, weight)
            grad_x = grad_x.view(x.shape)
        return grad_x, None, None, grad_first, grad_second


def _rows_mixed(rows: Tensor, first: Tensor) -> Tensor:
    """(N, M Q) -> (N, L, Q)."""
    return torch.matmul(first, rows.view(len(rows), first.shape[1], -1))


def _merging_pays(rows: Tensor, first: Tensor, second: Tensor) -> bool:
    """Whether the whole weight, made and multiplied once, costs less than two small products for each row.

    A number of the weight takes as long to make and add as 20 multiplications in products so small, measured on a CPU;
    in 16 bits the sum would round small updates away.
    """
    into, out = first.shape[1], second.shape[0]
    exact = rows.dtype in (torch.float32, torch.float64) and rows.device.type == "cpu"
    return exact and rows.shape[0] * (into + out) > 20 * into * out
