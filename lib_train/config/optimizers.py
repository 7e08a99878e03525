"""Arguments that an optimizer gets beside those of ``optimizer_args``, and settings that it cannot stand beside."""

from collections.abc import Mapping
from typing import Any

from lib_train.errors import Problem
from lib_train.texts import say

ADAFACTOR = {"scale_parameter": False, "relative_step": False, "warmup_init": False}
"""With these Adafactor holds to the learning rates; its own defaults ignore those of U-Net and text encoder."""
_OWN_RATE = {**ADAFACTOR, "scale_parameter": True, "relative_step": True}
"""What sd-scripts takes where nothing else is said, and what the schedule "adafactor" stands for."""


def optimizer_options(kind: str, args: Mapping[str, Any], schedule: str) -> dict[str, Any]:
    """All arguments of an optimizer but its rate, with ``args`` of a person.

    As in sd-scripts, warmup_init turns relative_step on, which it needs.
    """
    if kind != "Adafactor":
        return dict(args)
    found = {**(_OWN_RATE if schedule == "adafactor" else ADAFACTOR), **args}
    return {**found, "relative_step": True} if found["warmup_init"] is True else found


def problem_of_adafactor(training: Any) -> Problem | None:
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
