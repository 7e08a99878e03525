"""Updates that are known as a whole, in the shape of the layer's weight, and put on as such."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lib_train.networks.frozen import is_plain, is_pristine, layout_of
from lib_train.networks.functional import compute_type
from lib_train.networks.targets import Target
from lib_train.networks.update import Applied


class DenseUpdate:
    """The forwards of an ``Update``, from its ``delta``: W + m delta, as the WebUI's reader puts it on. rank_dropout
    leaves rows of it out: outputs of the update.
    """

    target: Target

    def parameters(self) -> dict[str, nn.Parameter]:
        """See ``Update``."""
        raise NotImplementedError

    def delta(self) -> Tensor:
        """See ``Update``; made of its parameters and frozen tensors alone, as it is computed twice in a step."""
        raise NotImplementedError

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None, network: Applied) -> Tensor:
        """See ``Update``."""
        return dense_layer(x, weight, bias, self._put_on(network, x.device), self.parameters())

    def forward_for(self, network: Applied) -> Callable[[Tensor], Tensor]:
        """See ``Update``."""
        module: Any = self.target.module
        original, name, layout = module.forward, self.target.name, layout_of(module)
        pristine = is_pristine(module)

        def forward(x: Tensor) -> Tensor:
            if network.multiplier == 0 or network.dropout.skips(name):
                result: Tensor = original(x)
                return result
            delta = self._put_on(network, x.device)
            if pristine and is_plain(module.weight):
                return dense_layer(x, module.weight, module.bias, delta, self.parameters(), **layout)
            out: Tensor = original(x)
            return out + dense_layer(x.to(out.dtype), None, None, delta, self.parameters(), **layout)

        return forward

    def _put_on(self, network: Applied, device: torch.device) -> Callable[[], Tensor]:
        """What this step adds to the weight."""
        multiplier, shape = network.multiplier, self.target.weight.shape
        rows = network.dropout.rows(self.target.name, shape[0], device)
        scale = multiplier if rows is None else (rows * multiplier).view(-1, *[1] * (len(shape) - 1))
        return lambda: self.delta() * scale


def dense_layer(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    delta: Callable[[], Tensor],
    parameters: dict[str, nn.Parameter],
    **layout: Any,
) -> Tensor:
    """A frozen layer and what is added to its weight, by one product; by two in 16 bits, whose sum would round small
    updates away. Gradients are for ``x`` and ``parameters``; nothing of the weight's size is kept for them.

    Args:
        x: (..., I) or (B, I, h, w).
        weight: (O, I) or (O, I, K, K); computed in autocast's type, or that of ``x``. None is no layer beneath.
        bias: (O,) or None.
        delta: makes what is added, in the weight's shape, of ``parameters``. It is called in the backward pass again.
        layout: stride, padding and dilation of a convolution.

    Returns:
        (..., O) or (B, O, h', w').
    """
    kind = compute_type(x)
    frozen = [None if tensor is None else tensor.to(kind) for tensor in (weight, bias)]
    inputs = list(parameters.values())
    out: Tensor = _Dense.apply(x.to(kind), *frozen, delta, inputs, layout, *inputs)  # type: ignore[no-untyped-call]
    return out


class _Dense(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        delta: Callable[[], Tensor],
        parameters: list[nn.Parameter],
        layout: dict[str, Any],
        *saved: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(x, weight, *saved)
        ctx.delta, ctx.parameters, ctx.layout = delta, parameters, layout
        with in_full(x):
            added = delta().to(x.dtype)
        apply = F.linear if added.dim() == 2 else F.conv2d
        first, *rest = _summands(weight, added)
        out = apply(x, first, bias, **layout)
        return out.add_(apply(x, rest[0], **layout)) if rest else out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, *_ = ctx.saved_tensors
        with torch.enable_grad(), in_full(x):
            added = ctx.delta()
        first, *rest = _summands(weight, added.detach().to(x.dtype))
        wants_x = ctx.needs_input_grad[0]
        grad_x, grad_added = gradients(grads[0], x, first, ctx.layout, (wants_x, True))
        for summand in rest if wants_x else ():
            more, _ = gradients(grads[0], x, summand, ctx.layout, (True, False))
            grad_x = grad_x + more
        wanted = [p for p, needed in zip(ctx.parameters, ctx.needs_input_grad[6:], strict=True) if needed]
        found = iter(
            torch.autograd.grad(added, wanted, grad_added.to(added.dtype), allow_unused=True) if wanted else ()
        )
        return grad_x, *[None] * 5, *(next(found) if needed else None for needed in ctx.needs_input_grad[6:])


def gradients(grad: Tensor, x: Tensor, weight: Tensor, layout: dict[str, Any], wanted: tuple[bool, bool]) -> Any:
    """Of a layer, for ``x`` and for ``weight``, where they are wanted.

    Args:
        layout: stride, padding and dilation of a convolution.
    """
    if weight.dim() == 2:
        rows, flat = x.reshape(-1, x.shape[-1]), grad.reshape(-1, grad.shape[-1])
        return (flat @ weight).view(x.shape) if wanted[0] else None, flat.t() @ rows if wanted[1] else None
    places = [list(layout[name]) for name in ("stride", "padding", "dilation")]
    backward = torch.ops.aten.convolution_backward
    return backward(grad, x, weight, None, *places, False, [0, 0], 1, [*wanted, False])[:2]


def in_full(x: Tensor) -> AbstractContextManager[Any]:
    """While entered, updates are computed in their own type, also under autocast."""
    on = compute_type(torch.empty(0, dtype=torch.float32, device=x.device)) != torch.float32
    return torch.autocast(x.device.type, enabled=False) if on else nullcontext()


def _summands(weight: Tensor | None, added: Tensor) -> list[Tensor]:
    """Weights whose outputs are summed."""
    if weight is None:
        return [added]
    return [weight + added] if added.dtype in (torch.float32, torch.float64) else [weight, added]
