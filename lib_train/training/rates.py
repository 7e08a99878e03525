"""The rate at which each layer's update is trained, and the optimizer's groups that follow from it."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from lib_train.config.blocks import factors
from lib_train.config.training import TrainingConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.kinds import PLUS
from lib_train.networks.network import Network
from lib_train.optim.optimizers import KINDS
from lib_train.optim.schedules import create as create_schedule
from lib_train.optim.schedules import warmup_steps_of


def rate_by_layer(training: TrainingConfig, family: str) -> Callable[[LayerShape], float]:
    """A function of a layer to its rate before the schedule; 0 where it is not trained, so that nothing is put on it.

    Args:
        training: without ``problems_on_blocks`` for this family.
    """
    rates, blocks, texts = training.rates, factors(training, family), training.text_encoder_rates

    def rate(layer: LayerShape) -> float:
        if layer.part == "text_encoder":
            return texts[layer.name.startswith("lora_te2_")]
        return rates.get(layer.part, 0.0) * blocks.get(layer.counted_block, 1.0)

    return rate


class Group(NamedTuple):
    """Parameters of one part and rate."""

    rate: float
    parameters: list[nn.Parameter]


def groups_of(network: Network, training: TrainingConfig, family: str) -> dict[str, Group]:
    """Groups by name: each part's highest rate has the part's own name, others that and a number from 2 on, at the end
    those that LoRA+ trains faster.
    """
    rate, found = rate_by_layer(training, family), dict[str, dict[tuple[bool, float], list[nn.Parameter]]]()
    for part in training.rates:
        ratio = training.plus_ratio(part)
        for update in network.layers.values():
            if update.target.part == part and (own := rate(update.target.layer)):
                for name, parameter in update.parameters().items():
                    plus = name in PLUS and ratio != 1
                    key = plus, own * ratio if plus else own
                    found.setdefault(part, {}).setdefault(key, []).append(parameter)
    return {
        part if place == 1 else f"{part} {place}": Group(key[1], parameters)
        for part, groups in found.items()
        for place, (key, parameters) in enumerate(sorted(groups.items(), key=lambda one: (one[0][0], -one[0][1])), 1)
    }


def freeze(part: str, network: Network, optimizer: torch.optim.Optimizer) -> None:
    """Leave a part as it is from now on: no gradients, no updates, rate 0."""
    for group in optimizer.param_groups:
        if group["part"].partition(" ")[0] == part:
            group["initial_lr"] = 0.0
            for parameter in group["params"]:
                parameter.grad = None
    for parameter in network.parameters(part):
        parameter.requires_grad_(False).grad = None


def schedule_of(training: TrainingConfig, total_steps: int) -> Callable[[int], float]:
    """The factor on all rates, by steps done."""
    averages = KINDS[training.optimizer_type].averages
    return create_schedule(
        "constant_with_warmup" if averages else training.lr_scheduler,
        total_steps=total_steps,
        warmup_steps=warmup_steps_of(training.lr_warmup_steps, total_steps),
        num_cycles=training.lr_scheduler_num_cycles,
        power=training.lr_scheduler_power,
    )
