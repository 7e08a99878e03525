"""Optimizers by the names that sd-scripts uses. Optional packages are imported when they are used."""

import importlib
import inspect
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lib_train.config.optimizers import ADAFACTOR
from lib_train.errors import MissingPackage, Problem
from lib_train.optim.flat import flatten
from lib_train.texts import joined, say
from lib_train.vocabulary import ADAPTED


@dataclass(frozen=True)
class Kind:
    """Module and class of an optimizer, and how it is used."""

    module: str
    name: str
    package: str
    """Name to install it by."""
    elementwise: bool
    """Whether one flat tensor gives the same result as many."""
    defaults: Mapping[str, Any]
    needs_cuda: bool = False
    averages: bool = False
    """Keeps an average of the weights, which is what is saved; see ``average.OwnAverage``."""
    finds_rate: bool = False
    """Finds its own learning rate, on which the setting is a factor: it should be 1, and the same for all parts."""


KINDS: dict[str, Kind] = {
    "AdamW": Kind("torch.optim", "AdamW", "torch", True, {}),
    "AdamW8bit": Kind("bitsandbytes.optim", "AdamW8bit", "bitsandbytes", False, {}, needs_cuda=True),
    "Lion": Kind("lion_pytorch", "Lion", "lion-pytorch", True, {}),
    "Lion8bit": Kind("bitsandbytes.optim", "Lion8bit", "bitsandbytes", False, {}, needs_cuda=True),
    "Adafactor": Kind("transformers.optimization", "Adafactor", "transformers", False, ADAFACTOR),
    "CAME": Kind("came_pytorch", "CAME", "came-pytorch", False, {}),
    "Prodigy": Kind("prodigyopt", "Prodigy", "prodigyopt", True, {}, finds_rate=True),
    "DAdaptAdam": Kind("dadaptation", "DAdaptAdam", "dadaptation", True, {}, finds_rate=True),
    "SGD": Kind("torch.optim", "SGD", "torch", True, {}),
    "AdamWScheduleFree": Kind("schedulefree", "AdamWScheduleFree", "schedulefree", True, {}, averages=True),
    "SGDScheduleFree": Kind("schedulefree", "SGDScheduleFree", "schedulefree", True, {}, averages=True),
}


_OTHER_WAYS = {"fused", "foreach", "capturable", "differentiable"}
"""Arguments of AdamW that choose how it computes."""


def create(
    name: str, groups: Mapping[str, Sequence[nn.Parameter]], rates: Mapping[str, float], args: Mapping[str, Any]
) -> torch.optim.Optimizer:
    """An optimizer with these parameter groups; ``group["part"]`` names each, ``initial_lr`` keeps its rate.

    Every gradient exists from the start and stays where it is: clear gradients with ``zero_()``. Optimizers that find
    their own rate take the highest of ``rates`` for every group.

    Raises:
        MissingPackage: the optimizer's package is not installed.
    """
    kind = KINDS[name]
    if kind.finds_rate:
        rates = dict.fromkeys(rates, max(rates.values()))
    described: list[dict[str, Any]] = []
    for part, parameters in groups.items():
        own = [flatten(parameters)] if kind.elementwise and not takes_slices(args) else list(parameters)
        for parameter in own:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        described.append({"params": own, "lr": rates[part], "initial_lr": rates[part], "part": part})
    options = {**kind.defaults, **args}
    # Adafactor's relative_step refuses a rate here; the groups have theirs in any case.
    options["lr"] = None if options.get("relative_step") else max(rates.values())
    maker = _maker(name)
    if name == "AdamW" and _fuses(described[0]["params"][0]) and not _OTHER_WAYS & args.keys():
        options["fused"] = True
    made: Any = maker(described, **options)
    if kind.averages:
        made.train()
    return made  # type: ignore[no-any-return]


def takes_slices(args: Mapping[str, Any]) -> bool:
    """Whether Prodigy looks at every n-th number of each tensor alone: which they are depends on where each begins."""
    return bool(args.get("slice_p", 1) != 1)


def rate_of(optimizer: torch.optim.Optimizer, group: Mapping[str, Any]) -> float:
    """The rate of a group's last step: that of the schedule, or what relative_step or warmup_steps made of it."""
    if "scheduled_lr" in group and group["lr"]:
        return float(group["scheduled_lr"])
    first = optimizer.state.get(group["params"][0], {})
    if not (group.get("relative_step") and group["lr"] and "step" in first):
        return float(group["lr"])
    own: Any = optimizer
    return float(own._get_lr(group, first))  # as transformers' AdafactorSchedule does


def rates_of(optimizer: torch.optim.Optimizer, parts: Container[str]) -> dict[str, float]:
    """Rates of the last step by part. Of an optimizer that finds its rate these are factors on it; the rates that they
    make stand beside them, under ``ADAPTED`` and the part.
    """
    groups = [group for group in optimizer.param_groups if group["part"] in parts]
    given = {group["part"]: rate_of(optimizer, group) for group in groups}
    return given | {f"{ADAPTED} {group['part']}": float(group["d"] * group["lr"]) for group in groups if "d" in group}


def _maker(name: str) -> Callable[..., torch.optim.Optimizer]:
    kind = KINDS[name]
    try:
        made: Callable[..., torch.optim.Optimizer] = getattr(importlib.import_module(kind.module), kind.name)
    except ImportError as error:
        raise MissingPackage(kind.package, joined(" ", ("optimizer_type", name))) from error
    return made


def _fuses(parameter: torch.Tensor) -> bool:
    version = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    return parameter.is_cuda or (parameter.device.type == "cpu" and version >= (2, 4))


def problem_with(name: str, args: Mapping[str, Any], device: str) -> Problem | None:
    """Why this optimizer cannot run on "cuda", "cpu" or "mps", found before a run begins; None when it can."""
    kind = KINDS[name]
    if kind.needs_cuda and device != "cuda":
        plain = name.removesuffix("8bit")
        remedy = say(
            "8-bit optimizers need an NVIDIA GPU, this is {device}: choose {plain}", device=device, plain=plain
        )
        return Problem("optimizer_type", name, remedy)
    try:
        declared = inspect.signature(_maker(name)).parameters
    except MissingPackage as error:
        return Problem("optimizer_type", name, str(error))
    known = set(declared) - {"params", "lr", "self"}
    unknown = sorted(set(args) - known)
    if unknown:
        remedy = say("{optimizer} knows {known}", optimizer=name, known=", ".join(sorted(known)))
        return Problem("optimizer_args", {key: args[key] for key in unknown}, remedy)
    for key, value in args.items():
        if trouble := _wrong_type(value, declared[key].default):
            remedy = say("{optimizer} refuses this: {key} {trouble}", optimizer=name, key=key, trouble=trouble)
            return Problem("optimizer_args", {key: value}, remedy)
    return None if kind.needs_cuda else _refused(name, args)


def _wrong_type(value: Any, usual: Any) -> str | None:
    """Description of the type of the optimizer's own default."""
    numbers = value if isinstance(value, list | tuple) else [value]
    all_numbers = all(isinstance(one, int | float) for one in numbers)
    if isinstance(usual, tuple) and not (len(numbers) == len(usual) and all_numbers):
        return say("must be {count} numbers with a comma between them, such as {usual}",
                   count=len(usual), usual=",".join(map(str, usual)))  # fmt: skip
    if isinstance(usual, bool) and not (isinstance(value, bool) or value in (0, 1)):
        return say("must be true or false")
    if isinstance(usual, float) and not (isinstance(value, int | float) and all_numbers):
        return say("must be a number, such as {usual:g}", usual=usual)
    return None


def _refused(name: str, args: Mapping[str, Any]) -> Problem | None:
    """Values of the right name that the optimizer itself refuses: it makes one step on four zeros."""
    probe = nn.Parameter(torch.zeros(2, 2))
    try:
        made: Any = create(name, {"unet": [probe]}, {"unet": 1.0}, args)
        made.step()
        if KINDS[name].averages:
            made.eval()
    except (TypeError, ValueError, RuntimeError, AssertionError, IndexError, ArithmeticError) as error:
        typed = "invalid combination of arguments" in str(error)  # torch lists every type that there is
        why = say("a value is of another type than it needs") if typed else str(error)
        why = why or say("a value is out of its range")
        return Problem("optimizer_args", dict(args), say("{optimizer} refuses this: {why}", optimizer=name, why=why))
    return None


def notes_on(name: str, rates: Mapping[str, float], args: Mapping[str, Any] | None = None) -> list[str]:
    """Sentences for a person, where this optimizer ignores the rates, takes one for all parts, or expects about 1.

    Args:
        rates: of the groups, by name.
        args: as in optimizer_args.
    """
    if args and args.get("relative_step"):
        return [
            say(
                "{name} with relative_step sets its own rate: learning rates and lr_scheduler have no effect", name=name
            )
        ]
    if not KINDS[name].finds_rate:
        return []
    notes: list[str] = []
    highest = max(rates.values())
    if not 0.1 <= highest <= 10:
        notes.append(
            say("{name} finds the rate itself: set learning_rate to 1 (now {highest:g})", name=name, highest=highest)
        )
    if len(set(rates.values())) > 1:
        notes.append(
            say(
                "{name} knows one rate: those of parts or blocks differ, {highest:g} is used for all",
                name=name,
                highest=highest,
            )
        )
    return notes
