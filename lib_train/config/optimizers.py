"""Arguments that an optimizer gets beside those of ``optimizer_args``, and settings that it cannot stand beside."""

from collections.abc import Mapping
from typing import Any

from lib_train.config.fields import used_when
from lib_train.errors import Problem
from lib_train.texts import say

ADAFACTOR = {"scale_parameter": False, "relative_step": False, "warmup_init": False}
"""With these Adafactor holds to the learning rates; its own defaults ignore those of U-Net and text encoder."""
_OWN_RATE = {**ADAFACTOR, "scale_parameter": True, "relative_step": True}
"""What sd-scripts takes where nothing else is said, and what the schedule "adafactor" stands for."""
SCHEDULED = ("AdamW", "AdamW8bit", "Lion", "Lion8bit", "Adafactor", "CAME", "Prodigy", "DAdaptAdam", "SGD")
USES_SCHEDULE = used_when(say("schedule-free optimizers need none"), {"optimizer_type": SCHEDULED})
OF_RESTARTS = used_when(
    say("only cosine_with_restarts reads it"), {"lr_scheduler": ("cosine_with_restarts",), "optimizer_type": SCHEDULED}
)
OF_POLYNOMIAL = used_when(
    say("only polynomial reads it"), {"lr_scheduler": ("polynomial",), "optimizer_type": SCHEDULED}
)
SCHEDULE_FREE = ("AdamWScheduleFree", "SGDScheduleFree")
"""Optimizers that need no schedule, for they average the weights: what is saved and drawn is that average."""


def optimizer_options(kind: str, args: Mapping[str, Any], schedule: str) -> dict[str, Any]:
    """All arguments of an optimizer but its rate, with ``args`` of a person.

    As in sd-scripts, warmup_init turns relative_step on, which it needs.
    """
    if kind != "Adafactor":
        return dict(args)
    found = {**(_OWN_RATE if schedule == "adafactor" else ADAFACTOR), **args}
    return {**found, "relative_step": True} if found["warmup_init"] is True else found


def problem_beside(training: Any) -> Problem | None:
    """The first setting that the optimizer cannot stand beside."""
    return _of_adafactor(training) or _of_averages(training)


def _of_adafactor(training: Any) -> Problem | None:
    """Its schedule beside another optimizer, a rate that it was told, or a second warmup."""
    if training.lr_scheduler != "adafactor":
        return None
    if training.optimizer_type != "Adafactor":
        remedy = say(
            "only Adafactor finds its own rate so: choose another schedule, or set optimizer_type to Adafactor"
        )
        return Problem("lr_scheduler", "adafactor", remedy)
    if not training.optimizer_options["relative_step"]:
        remedy = say("relative_step is off in optimizer_args: choose another schedule, such as constant_with_warmup")
        return Problem("lr_scheduler", "adafactor", remedy)
    if training.lr_warmup_steps:
        remedy = say("Adafactor warms up by warmup_init in optimizer_args: set that, and this to 0")
        return Problem("lr_warmup_steps", training.lr_warmup_steps, remedy)
    return None


def _of_averages(training: Any) -> Problem | None:
    """A second average beside that of a schedule-free optimizer, or a limit that its own weights would not have."""
    kind = training.optimizer_type
    if kind not in SCHEDULE_FREE:
        return None
    if training.ema != "off":
        return Problem(
            "ema", training.ema, say("{optimizer} averages the weights itself: set it to off", optimizer=kind)
        )
    if training.scale_weight_norms:
        remedy = say("{optimizer} keeps further weights, which it would not shorten: leave it empty, or choose another "
                     "optimizer", optimizer=kind)  # fmt: skip
        return Problem("scale_weight_norms", training.scale_weight_norms, remedy)
    return None
