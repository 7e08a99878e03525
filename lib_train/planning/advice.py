"""What a person may want to change in a plan that could be run as it is. Rules of thumb, each with its reason."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib_train.config.run import RunConfig
from lib_train.host.protocol import ModelSize
from lib_train.training.plan import TrainPlan

_VIEWS, _PICTURES = 2000, 20
"""Published recipes show each of about 20 pictures about 100 times."""
_MANY, _FEW = 3, 1 / 4
"""Times the usual number of views from which on, and below which, it is worth a word."""


@dataclass(frozen=True)
class Advice:
    """One thing to think about."""

    code: str
    """Stays the same in every language and version."""
    text: str
    changes: Mapping[str, Any]
    """Settings that would follow it, by name."""


def advice_on(config: RunConfig, plan: TrainPlan, size: ModelSize, pictures: int, uses: int) -> list[Advice]:
    """Advice on a plan.

    Args:
        pictures: different training pictures, without regularisation.
        uses: pictures times repeats in an epoch, without regularisation.
    """
    if not pictures or size.small:
        return []
    return [*_on_length(config, plan, pictures, uses), *_on_resolution(config, size)]


def usual_views(pictures: int) -> int:
    """How often pictures are shown in all in a usual run: as many times more as the root of their number grows.

    >>> usual_views(5), usual_views(20), usual_views(320)
    (1000, 2000, 8000)
    """
    return round(_VIEWS * math.sqrt(pictures / _PICTURES))


def _on_length(config: RunConfig, plan: TrainPlan, pictures: int, uses: int) -> Iterator[Advice]:
    views, usual = uses * plan.total_steps / plan.steps_per_epoch, usual_views(pictures)
    if _FEW * usual <= views <= _MANY * usual:
        return
    each, wanted = round(views / pictures), max(1, round(usual / pictures))
    code, word = ("many_steps", "many") if views > usual else ("few_steps", "few")
    epochs = round(usual / uses)
    changes: dict[str, Any]
    if epochs >= 1:
        changes = {"max_train_epochs": epochs, "max_train_steps": None}
        way = f"max_train_epochs = {epochs} makes it so"
    else:  # less than one epoch
        steps = max(1, round(plan.steps_per_epoch * usual / uses))
        changes = {"max_train_steps": steps}
        way = f"lower the repeats before the folders' names, or set max_train_steps = {steps}"
    shown = f"{plan.total_steps} steps show each of {pictures} pictures {each} times, which is {word}"
    yield Advice(code, f"{shown}: about {wanted} times are usual for so many pictures; {way}", changes)


def _on_resolution(config: RunConfig, size: ModelSize) -> Iterator[Advice]:
    side, (width, height) = size.side, config.dataset.size
    share = width * height / side**2
    if 0.4 <= share <= 3:
        return
    what = f"resolution = {width},{height}: models of this kind were trained at {side} x {side}"
    if share < 1:
        text = f"{what} and draw badly at much smaller sizes; the LoRA learns that, too"
        yield Advice("small_resolution", text, {"resolution": [side, side]})
    else:
        text = f"{what}, and at much larger sizes they repeat what they draw; it takes more memory and time, too"
        yield Advice("large_resolution", text, {"resolution": [side, side]})
