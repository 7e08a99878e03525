"""Rank and alpha of a layer, for the kinds of network that have them."""

import math
from typing import Any

import torch
from torch import Tensor

from lib_train.config.blocks import block_args, number_of
from lib_train.config.layers import PATTERNS
from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.choice import chosen
from lib_train.networks.update import Parts

ALPHA = "alpha"


class Ranked:
    """What an ``Update`` with a rank has beside its parameters."""

    rank: int
    alpha: float

    @property
    def scale(self) -> float:
        """alpha / R, the factor on the update at multiplier 1."""
        return self.alpha / self.rank

    def constants(self) -> dict[str, Tensor]:
        """See ``Update``."""
        return {ALPHA: torch.tensor(self.alpha)}

    def set_constants(self, parts: Parts) -> None:
        """See ``Update``."""
        self.alpha = float(parts[ALPHA])

    def stored(self, tensor: Tensor) -> Tensor:
        """See ``Update``."""
        return tensor


def rank_and_alpha(layer: LayerShape, config: NetworkConfig) -> tuple[int, float]:
    """3x3 convolutions have their own, everything else follows network_dim; either may have one for each block. Rank 0
    leaves the layer alone: see ``chosen``.
    """
    if not chosen(layer, config):
        return 0, 0.0
    if layer.kind == "conv3x3":
        rank, alpha = config.conv_rank or 0, config.alpha_of_convs
        ranks, alphas = config.conv_block_dims, config.conv_block_alphas
    else:
        rank, alpha = config.network_dim, config.network_alpha
        ranks, alphas = config.block_dims, config.block_alphas
    own, scaled = (number_of(numbers, layer.counted_block) for numbers in (ranks, alphas))
    rank = rank if own is None else int(own)
    alpha = alpha if scaled is None else scaled or rank
    return rank, _stabilised(alpha, rank) if config.rs_lora else alpha


def _stabilised(alpha: float, rank: int) -> float:
    """The alpha that readers, who divide it by the rank, need for alpha / sqrt(rank), as every file can hold it: in the
    8 bits of bf16.

    Source:
        Kalajdzievski 2023, https://arxiv.org/abs/2312.03732.
    """
    return float(torch.tensor(alpha * math.sqrt(rank)).to(torch.bfloat16))


def rank_args(config: NetworkConfig) -> dict[str, Any]:
    """The settings that ss_network_dim and ss_network_alpha do not tell, as sd-scripts and LyCORIS call them."""
    args: dict[str, Any] = {}
    if config.network_preset != "auto":
        args["preset"] = config.network_preset
    if config.train_norm:
        args["train_norm"] = True
    args |= {name: ";".join(getattr(config, name)) for name in PATTERNS if getattr(config, name)}
    if config.conv_rank is not None:
        args |= {"conv_dim": config.conv_rank, "conv_alpha": config.alpha_of_convs}
    args |= block_args(config) | ({"rs_lora": True} if config.rs_lora else {})
    if config.network_init != "default":
        args["network_init"] = config.network_init
    if config.tlora:
        args |= {name: getattr(config, name) for name in ("tlora", "tlora_min_rank", "tlora_alpha")}
    if config.network_dropout:
        args["dropout"] = config.network_dropout
    return args | {name: getattr(config, name) for name in ("rank_dropout", "module_dropout") if getattr(config, name)}


def lycoris_args(algo: str, config: NetworkConfig) -> dict[str, Any]:
    """``rank_args`` of a network that only LyCORIS has, with its name there; without convolutions, by its preset."""
    kind: dict[str, Any] = {"algo": algo}
    kind["preset"] = "auto" if config.trains_convs else "attn-mlp"
    if config.trains_convs and config.use_tucker:
        kind["use_tucker"] = True
    return kind | rank_args(config)
