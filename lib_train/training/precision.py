"""Number formats of a step. Autocast is entered and left inside the step, never around a yield."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.errors import Problem
from lib_train.optim.flat import clip_
from lib_train.texts import either, say


def chosen(setting: str, device: torch.device, weights: Collection[torch.dtype] = ()) -> str:
    """The number format that ``mixed_precision`` stands for on this device: "no", "fp16" or "bf16".

    Args:
        device: one that is there; a CUDA card is asked what it can compute.
        weights: types that the frozen model's weights are kept in.

    A model that a GPU keeps in float16 is trained in fp16: in bf16 every forward would cast all of its weights, and
    keep the casts for the backward pass, a second U-Net in memory.
    """
    # Not is_bf16_supported(): newer versions of torch say yes for cards that only emulate it, slowly.
    fast = device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
    return chosen_name(setting, device.type, bf16=fast and torch.float16 not in weights)


def types_of(module: nn.Module) -> set[torch.dtype]:
    """The types of the module's parameters."""
    return {weight.dtype for weight in module.parameters()}


def chosen_name(setting: str, device: str, *, bf16: bool) -> str:
    """As ``chosen``, without a device: "auto" is bf16 or else fp16 on "cuda", and "no" elsewhere.

    Args:
        device: "cuda", "cpu" or "mps".
        bf16: whether the card computes in it.
    """
    if setting != "auto":
        return setting
    if device != "cuda":
        return "no"
    return "bf16" if bf16 else "fp16"


def problem_with(setting: str, device: str, weights: Collection[torch.dtype] = (torch.float32,)) -> Problem | None:
    """Why ``mixed_precision`` cannot be used on "cuda", "cpu" or "mps"; None when it can.

    Args:
        weights: types that the frozen model's weights are kept in. What is kept in fewer than 32 bits is trained with
            mixed precision alone, and on a CPU norms do not compute with float16 weights at all.
    """
    usable = {"cuda": ("auto", "no", "fp16", "bf16"), "cpu": ("auto", "no", "bf16")}.get(device, ("auto", "no"))
    if setting not in usable:
        return Problem(
            "mixed_precision",
            setting,
            say("does not work on {device}: choose one of {known}", device=device, known=", ".join(usable)),
        )
    if setting == "bf16" and device == "cuda" and torch.cuda.is_available() and not torch.cuda.is_bf16_supported():
        return Problem(
            "mixed_precision", setting, say("this card and torch cannot compute in bf16: choose auto or fp16")
        )
    kept = sorted(str(kind).removeprefix("torch.") for kind in weights if kind != torch.float32)
    if not kept:
        return None
    mixed = [name for name in usable if chosen_name(name, device, bf16=True) != "no"]
    fitting = [] if device == "cpu" and "float16" in kept else mixed
    if setting in fitting:
        return None
    names = ", ".join(kept)
    if not fitting:
        remedy = say(
            "does not work with a checkpoint kept in {kept}: load it in float32 (start the WebUI with --no-half)",
            kept=names,
        )
        return Problem("mixed_precision", setting, remedy)
    remedy = say(
        "does not work with a checkpoint kept in {kept}: choose {fitting}, or load it in float32 "
        "(start the WebUI with --no-half)",
        kept=names, fitting=either(fitting),
    )  # fmt: skip
    return Problem("mixed_precision", setting, remedy)


class Precision:
    """Autocast and, for fp16, loss scaling."""

    def __init__(self, setting: str, device: torch.device, weights: Collection[torch.dtype] = ()) -> None:
        self.name = chosen(setting, device, weights)
        self._device = device.type
        self._scaler = _scaler(device.type) if self.name == "fp16" else None

    def context(self) -> AbstractContextManager[Any]:
        """Autocast for a forward pass."""
        if self.name == "no":
            return nullcontext()
        kind = torch.bfloat16 if self.name == "bf16" else torch.float16
        return torch.autocast(self._device, kind)

    def backward(self, loss: Tensor) -> None:
        """Accumulate the loss's gradients."""
        scaled = self._scaler.scale(loss) if self._scaler else loss
        scaled.backward()  # type: ignore[no-untyped-call]

    def update(self, optimizer: torch.optim.Optimizer, gradients: Sequence[Tensor], max_grad_norm: float) -> None:
        """Clip gradients, step the optimizer, clear gradients. With fp16, a step with overflowed gradients is skipped.

        Args:
            gradients: all of the optimizer's; clipped together.
            max_grad_norm: largest norm of all gradients; 0 leaves them.
        """
        if self._scaler:
            self._scaler.unscale_(optimizer)
        if max_grad_norm:
            clip_(gradients, max_grad_norm)
        if self._scaler:
            self._scaler.step(optimizer)
            self._scaler.update()
        else:
            optimizer.step()
        for gradient in gradients:
            gradient.zero_()

    def facts(self) -> dict[str, Any]:
        """State that a resumed run needs, as JSON values."""
        return dict(self._scaler.state_dict()) if self._scaler else {}

    def load(self, facts: dict[str, Any]) -> None:
        """Load the ``facts`` of the interrupted run."""
        if self._scaler and facts:
            self._scaler.load_state_dict(facts)


def _scaler(device: str) -> Any:
    if hasattr(torch.amp, "GradScaler"):  # since torch 2.3
        return torch.amp.GradScaler(device)
    return torch.cuda.amp.GradScaler()
