"""What is said when losses or weights are no numbers any more."""

from collections.abc import Mapping, Sequence

import torch

from lib_train.errors import HostModelError
from lib_train.host.protocol import BaseModel
from lib_train.networks.finite import not_finite, some_of
from lib_train.texts import say


def base_fault(what: str, model: BaseModel, precision: str) -> HostModelError:
    """At the first step the network is still zero, so NaN comes from the base model."""
    modules = (model.unet, *model.text_encoders)
    broken = not_finite(pair for module in modules for pair in module.named_parameters())
    half = precision if precision != "no" else _half_of(model.unet)
    return HostModelError(say(
        "{what}, before anything was trained: the base model {name} {fault}",
        what=what, name=model.identity.title, fault=_why_no_numbers(broken, half, precision),
    ))  # fmt: skip


def _why_no_numbers(broken: Sequence[str], half: str, precision: str) -> str:
    if broken:
        return say(
            "is broken, {count} of its tensors hold NaN or infinity ({names}): take another copy of the "
            "checkpoint, or choose another",
            count=len(broken), names=some_of(broken),
        )  # fmt: skip
    if half:
        return say(
            "overflows in half precision ({half}): set mixed_precision to {wider}, or take another copy of the "
            "checkpoint, or choose another",
            half=half, wider=say("bf16 or no") if precision == "fp16" else "no",
        )  # fmt: skip
    return say("gives none although its weights are numbers: take another copy of the checkpoint, or choose another")


def advice(what: str, rates: Mapping[str, float], precision: str) -> str:
    """A sentence on weights or losses that are no numbers any more, with the rates of then and the way out."""
    now = ", ".join(f"{part} {rate:g}" for part, rate in rates.items())
    way = say("lower learning_rate")
    if precision == "fp16":
        way = say("lower learning_rate, or set mixed_precision to bf16 or no")
    return say("{what} (rates: {now}): {way}; the checkpoints before are unharmed", what=what, now=now, way=way)


def _half_of(unet: torch.nn.Module) -> str:
    """The half precision that a model is kept in; empty for float32."""
    kind = next(unet.parameters()).dtype
    return "" if kind == torch.float32 else str(kind).removeprefix("torch.")
