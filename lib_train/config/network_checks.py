"""What settings of a network must be beside each other: each gives the problem, or None."""

import re
from typing import Any

from lib_train.config.layers import PATTERNS
from lib_train.errors import Problem
from lib_train.texts import say

_NO_ALPHA = ("lokr", "full", "ia3")
"""Kinds whose alpha the WebUI does not read, or not in every layer."""


def without_alpha(config: Any) -> Problem | None:
    """A scale that every reader applies."""
    if config.rs_lora and config.network_type in _NO_ALPHA:
        return Problem("rs_lora", True, say("the WebUI applies no alpha to {kind} everywhere: leave it off",
                                            kind=config.network_type))  # fmt: skip
    return None


def no_factor(config: Any) -> Problem | None:
    """A factor that something can be divided by."""
    return Problem("factor", 0, say("must be -1, or 1 or more")) if config.factor == 0 else None


def stray_alpha(config: Any) -> Problem | None:
    """An alpha of something that is trained."""
    if config.conv_alpha is not None and not config.trains_convs:
        return Problem("conv_alpha", config.conv_alpha, say("set conv_dim too, or leave it empty"))
    return None


def stray_strength(config: Any) -> Problem | None:
    """As many strengths as files, or fewer."""
    if config.base_weights and len(config.base_weights_multiplier) > len(config.base_weights):
        files = len(config.base_weights)
        remedy = say("has more numbers than base_weights has files ({files})", files=files)
        return Problem("base_weights_multiplier", config.base_weights_multiplier, remedy)
    return None


def no_pattern(config: Any) -> Problem | None:
    """Regular expressions."""
    for name in PATTERNS:
        for pattern in getattr(config, name):
            try:
                re.compile(pattern[3:] if pattern.startswith("re:") else "")
            except re.error as error:
                return Problem(name, pattern, say("is no regular expression: {why}", why=str(error)))
    return None


def begun_elsewhere(config: Any) -> Problem | None:
    """Nothing beside a beginning from the base's weights that leaves out some of its ranks, or begins otherwise."""
    if config.network_init == "default":
        return None
    if config.network_type not in ("lora", "locon"):
        return Problem("network_init", config.network_init, say("only lora and locon begin so: set it to default"))
    others = ("dora_wd", "use_tucker", "tlora", "network_dropout", "rank_dropout", "network_weights")
    name = next((name for name in others if getattr(config, name)), None)
    if name:
        return Problem("network_init", config.network_init, say("does not work with {name}: take one of them back",
                                                                name=name))  # fmt: skip
    return None
