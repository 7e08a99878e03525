"""Gradient checkpointing of frozen modules of any library, without a trace afterwards."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

_ABSENT = object()


@contextmanager
def checkpointed(roots: Sequence[nn.Module], kinds: Collection[str]) -> Iterator[None]:
    """While entered, modules below ``roots`` whose class has one of these names compute their activations twice.

    Non-reentrant: the other kind gives adapters inside a frozen block no gradient, and no error.
    """
    patched: list[tuple[nn.Module, Any]] = []
    for module in (module for root in roots for module in root.modules()):
        if type(module).__name__ in kinds:
            patched.append((module, module.__dict__.get("forward", _ABSENT)))
            module.__dict__["forward"] = _twice(module.forward)
    try:
        yield
    finally:
        for module, before in patched:
            if before is _ABSENT:
                del module.__dict__["forward"]
            else:
                module.__dict__["forward"] = before


def _twice(forward: Callable[..., Any]) -> Callable[..., Any]:
    def computed(*args: Any, **kwargs: Any) -> Any:
        if not torch.is_grad_enabled():
            return forward(*args, **kwargs)
        # nothing inside draws from torch's global chance, so its state need not be kept
        return checkpoint(forward, *args, use_reentrant=False, preserve_rng_state=False, **kwargs)

    return computed
