"""Numbers for each block of the U-Net: ranks, alphas and rates, as kohya's sd-scripts calls and counts them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lib_train.config.fields import SET, BlockRow, option, used_when
from lib_train.config.wording import spelled
from lib_train.errors import Problem
from lib_train.texts import say
from lib_train.vocabulary import BLOCKS

_GROUP = "blocks"
_CURVES: dict[str, Callable[[float], float]] = {
    "sine": lambda x: math.sin(math.pi * x / 2),
    "cosine": lambda x: math.sin(math.pi * (1 - x) / 2),
    "linear": lambda x: x,
    "reverse_linear": lambda x: 1 - x,
    "zeros": lambda x: 0.0,
}
"""Position among the blocks of one side, from 0 to 1 -> factor."""
SIDES = {"down_lr_weight": "IN", "mid_lr_weight": "M", "up_lr_weight": "OUT"}
"""Setting -> beginning of the names of its blocks."""
SIZES = ("block_dims", "block_alphas", "conv_block_dims", "conv_block_alphas")
RANKED_KINDS = ("lora", "locon", "dora", "loha", "lokr")
WITH_CONVS = ("full", "unet-only", "unet-convblock-only")
"""Presets of layers that have 3x3 convolutions, wanted or not."""
CAN_HAVE_CONVS = ("auto", *WITH_CONVS)
RANKED = used_when(say("this kind of network has no ranks"), {"network_type": RANKED_KINDS})
_HAS_UP = {"network_type": ("lora", "locon", "dora")}
PLUS = used_when(
    say("this kind of network has no up matrices, or both parts have ratios of their own"),
    {**_HAS_UP, "loraplus_unet_lr_ratio": (None,)}, {**_HAS_UP, "loraplus_text_encoder_lr_ratio": (None,)},
)  # fmt: skip
PLUS_OF_UNET = used_when(
    say("this kind of network has no up matrices, or the U-Net is not trained"),
    {**_HAS_UP, "unet_lr": (None,)}, {**_HAS_UP, "unet_lr": SET},
)  # fmt: skip
PLUS_OF_TEXT = used_when(
    say("this kind of network has no up matrices, or the text encoder is not trained"),
    {**_HAS_UP, "text_encoder_lr": (None,)}, {**_HAS_UP, "text_encoder_lr": SET}, {**_HAS_UP, "text_encoder_lr2": SET},
)  # fmt: skip
IS_PRODUCT = used_when(
    say("this kind of network is no product of matrices"),
    {"network_type": ("lora", "locon", "loha", "lokr"), "dora_wd": (False,)},
)
CONVOLVED = used_when(
    say("these layers or this kind of network have no 3x3 convolutions"),
    {"network_preset": CAN_HAVE_CONVS, "network_type": (*RANKED_KINDS, "full")},
)
RATES = (*SIDES, "block_lr_zero_threshold")


def _drawn(base: str, otherwise: float = 0) -> BlockRow:
    """A row of all blocks of a family."""
    names = {family: tuple("" if one in ("EMB", "OUT") else one for one in names) for family, names in BLOCKS.items()}
    sides = {"down": "I", "middle": "M", "up": "O"}
    presets = {
        family: {
            "ones": [1.0] * len(blocks),
            "zeros": [0.0] * len(blocks),
            **{preset: [float(one.startswith(side)) for one in blocks] for preset, side in sides.items()},
        }
        for family, blocks in names.items()
    }
    return BlockRow(names, presets, base, otherwise, (0, 128, 1))


def _drawn_side(side: str) -> BlockRow:
    """A row of the blocks of one side, of which a text gives the rates."""
    names = {family: _blocks(family, side) for family in BLOCKS}
    curves = _CURVES if side != "M" else {"zeros": _CURVES["zeros"]}
    presets = {
        family: {"ones": [1.0] * len(blocks)} | {name: _curve(name, len(blocks)) for name in curves}
        for family, blocks in names.items()
    }
    return BlockRow(names, presets, "", 1, (0, 2, 0.05), written=True)


def _curve(name: str, count: int) -> list[float]:
    return [round(_CURVES[name](place / max(1, count - 1)), 4) for place in range(count)]


def _blocks(family: str, side: str) -> list[str]:
    return [name for name in BLOCKS[family] if name.rstrip("0123456789") == side and name != side]


@dataclass(frozen=True, kw_only=True)
class BlockSizes:
    """Ranks and alphas by block; empty lists leave them to network_dim and its neighbours."""

    block_dims: tuple[int, ...] = option(
        (),
        "Rank of each block of the U-Net instead of network_dim; 0 leaves a block alone. 25 numbers for SD1 and SD2, "
        "23 for SDXL, in the order of sd-scripts.",
        low=0,
        high=1024,
        group=_GROUP,
        label="Rank of each block",
        blocks=_drawn("network_dim"),
        told_in="ss_network_args",
    )
    block_alphas: tuple[float, ...] = option(
        (),
        "As network_alpha, for each block; 0 is the block's rank.",
        low=0,
        high=65504,
        group=_GROUP,
        label="Alpha of each block",
        blocks=_drawn("network_alpha"),
        used_when=RANKED,
        told_in="ss_network_args",
    )
    conv_block_dims: tuple[int, ...] = option(
        (),
        "As block_dims, for the 3x3 convolutions instead of conv_dim.",
        low=0,
        high=1024,
        group=_GROUP,
        label="Convolution rank of each block",
        used_when=CONVOLVED,
        blocks=_drawn("conv_dim"),
        told_in="ss_network_args",
    )
    conv_block_alphas: tuple[float, ...] = option(
        (),
        "As conv_alpha, for each block; 0 is the block's rank.",
        low=0,
        high=65504,
        group=_GROUP,
        label="Convolution alpha of each block",
        blocks=_drawn("conv_alpha", 1),
        used_when=used_when(
            say("3x3 convolutions are not trained with ranks"),
            {"conv_dim": SET, "network_preset": CAN_HAVE_CONVS, "network_type": RANKED_KINDS},
            {"conv_block_dims": SET, "network_preset": CAN_HAVE_CONVS, "network_type": RANKED_KINDS},
            {"network_preset": WITH_CONVS, "network_type": RANKED_KINDS},
            {"network_preset": CAN_HAVE_CONVS, "network_type": ("locon",)},
        ),
        told_in="ss_network_args",
    )


@dataclass(frozen=True, kw_only=True)
class BlockRates:
    """Factors on the U-Net's rate by block; empty text is 1 everywhere."""

    down_lr_weight: str = option(
        "",
        "Factors on the U-Net's rate for its blocks on the way down: a number for each, 12 or 9 for SDXL, or sine, "
        "cosine, linear, reverse_linear or zeros, to which +0.25 adds that much. 0 leaves a block alone.",
        group=_GROUP,
        label="Rates of the down blocks",
        blocks=_drawn_side("IN"),
        told_in="ss_network_args",
    )
    mid_lr_weight: str = option(
        "",
        "As down_lr_weight, for the middle: 1 number, or 3 for SDXL.",
        group=_GROUP,
        label="Rate of the middle",
        blocks=_drawn_side("M"),
        told_in="ss_network_args",
    )
    up_lr_weight: str = option(
        "",
        "As down_lr_weight, for the blocks on the way up.",
        group=_GROUP,
        label="Rates of the up blocks",
        blocks=_drawn_side("OUT"),
        told_in="ss_network_args",
    )
    block_lr_zero_threshold: float = option(
        0.0,
        "Blocks whose factor is not above this are left alone.",
        low=0,
        high=1000,
        group=_GROUP,
        label="Least rate of a block",
        used_when=used_when(
            say("no blocks have rates of their own"),
            {"down_lr_weight": SET},
            {"mid_lr_weight": SET},
            {"up_lr_weight": SET},
        ),
        step=0.1,
        told_in="ss_network_args",
    )


def numbers_of(text: str, count: int) -> tuple[float, ...]:
    """The factors that a text stands for: of a curve ``count`` numbers, else those that stand there.

    >>> numbers_of("linear+.5", 3), numbers_of("1, 0, .5", 9)
    ((0.5, 1.0, 1.5), (1.0, 0.0, 0.5))

    Raises:
        ValueError: it is neither; says how to write it.

    Source:
        The curves of sd-scripts' networks/lora.py.
    """
    name, _, base = (part.strip() for part in text.partition("+"))
    try:
        if name in _CURVES:
            added = float(base or 0)
            found = tuple(_CURVES[name](place / max(1, count - 1)) + added for place in range(count))
        else:
            found = tuple(float(part or 0) for part in text.split(","))
    except ValueError:
        curves = ", ".join(_CURVES)
        raise ValueError(say("write numbers with commas between them, or one of {curves}", curves=curves)) from None
    if not all(0 <= number < math.inf for number in found):
        raise ValueError(say("factors must be 0 or more"))
    return found


def factors(training: Any, family: str) -> dict[str, float]:
    """Factor on the U-Net's rate by block, for all ``BLOCKS`` of a family; 0 where a block is left alone.

    Args:
        training: ``BlockRates`` without ``problems_on_blocks`` for this family.
    """
    found = dict.fromkeys(BLOCKS[family], 1.0)
    for name, side in SIDES.items():
        if text := getattr(training, name).strip():
            names = _blocks(family, side)
            numbers = numbers_of(text, len(names))
            least = training.block_lr_zero_threshold
            found |= {block: n if n > least else 0.0 for block, n in zip(names, numbers, strict=False)}
    return found


def number_of(numbers: Sequence[float], block: str) -> float | None:
    """The number of a block in a list for all blocks of a family; None where the list has no such block."""
    names = next((names for names in BLOCKS.values() if len(names) == len(numbers)), ())
    return numbers[names.index(block)] if block in names else None


def problem_in_sizes(config: Any) -> Problem | None:
    """The first list whose length fits no family."""
    for name in SIZES:
        if len(numbers := getattr(config, name)) not in (0, *map(len, BLOCKS.values())):
            return Problem(name, _listed(numbers), say("{count} numbers: give 25 for SD1 and SD2, or 23 for SDXL",
                                                       count=len(numbers)))  # fmt: skip
    return None


def problem_in_rates(training: Any) -> Problem | None:
    """The first text that cannot be used with any family."""
    for name, side in SIDES.items():
        text = getattr(training, name).strip()
        counts = [len(_blocks(family, side)) for family in ("sd1", "sdxl")]
        try:
            if text and (given := len(numbers_of(text, counts[0]))) not in counts:
                remedy = say("{count} numbers: give {sd} for SD1 and SD2, or {sdxl} for SDXL",
                             count=given, sd=counts[0], sdxl=counts[1])  # fmt: skip
                return Problem(name, text, remedy)
        except ValueError as error:
            return Problem(name, text, str(error))
    return None


def problems_on_blocks(network: Any, training: Any, family: str) -> Iterator[Problem]:
    """Lists that are of another family's length."""
    for name in SIZES:
        numbers = getattr(network, name)
        if numbers and len(numbers) != len(BLOCKS[family]):
            yield Problem(name, _listed(numbers), _wrong_length(len(numbers), len(BLOCKS[family]), family))
    for name, side in SIDES.items():
        wanted = len(_blocks(family, side))
        if (text := getattr(training, name).strip()) and (given := len(numbers_of(text, wanted))) != wanted:
            yield Problem(name, text, _wrong_length(given, wanted, family))


def _wrong_length(given: int, wanted: int, family: str) -> str:
    return say("{given} numbers: {family} has {wanted} such blocks, give a number for each",
               given=given, wanted=wanted, family=family.upper())  # fmt: skip


def _listed(numbers: Sequence[float]) -> str:
    return ",".join(map(spelled, numbers))


def block_args(config: Any) -> dict[str, str]:
    """The lists and texts of ``BlockSizes`` or ``BlockRates`` that are set, as sd-scripts' network_args have them."""
    found = {name: getattr(config, name) for name in (*SIZES, *RATES) if getattr(config, name, None)}
    return {name: _listed(value) if isinstance(value, tuple) else str(value) for name, value in found.items()}
