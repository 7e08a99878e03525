"""What a person may want to change in a plan that could be run as it is. Rules of thumb, each with its reason."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib_train.config.run import RunConfig
from lib_train.host.protocol import ModelSize
from lib_train.texts import say
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
    epochs = round(usual / uses)
    changes: dict[str, Any]
    if epochs >= 1:
        changes = {"max_train_epochs": epochs, "max_train_steps": None}
        way = say("max_train_epochs = {epochs} makes it so", epochs=epochs)
    else:  # less than one epoch
        steps = max(1, round(plan.steps_per_epoch * usual / uses))
        changes = {"max_train_steps": steps}
        way = say("lower the repeats before the folders' names, or set max_train_steps = {steps}", steps=steps)
    if views > usual:
        code, text = "many_steps", say(
            "{steps} steps show each picture (of {pictures}) {each} times, which is many: "
            "about {wanted} times are usual for so many; {way}",
            steps=plan.total_steps, pictures=pictures, each=each, wanted=wanted, way=way,
        )  # fmt: skip
    else:
        code, text = "few_steps", say(
            "{steps} steps show each picture (of {pictures}) {each} times, which is few: "
            "about {wanted} times are usual for so many; {way}",
            steps=plan.total_steps, pictures=pictures, each=each, wanted=wanted, way=way,
        )  # fmt: skip
    yield Advice(code, text, changes)


def _on_resolution(config: RunConfig, size: ModelSize) -> Iterator[Advice]:
    side, (width, height) = size.side, config.dataset.size
    share = width * height / side**2
    if 0.4 <= share <= 3:
        return
    changes = {"resolution": [side, side]}
    if share < 1:
        text = say(
            "resolution = {width},{height}: models of this kind were trained at {side} x {side} and draw badly at much "
            "smaller sizes; the LoRA learns that, too",
            width=width, height=height, side=side,
        )  # fmt: skip
        yield Advice("small_resolution", text, changes)
    else:
        text = say(
            "resolution = {width},{height}: models of this kind were trained at {side} x {side}, and at much larger "
            "sizes they repeat what they draw; it takes more memory and time, too",
            width=width, height=height, side=side,
        )  # fmt: skip
        yield Advice("large_resolution", text, changes)
