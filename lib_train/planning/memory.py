"""How much device memory a run needs: an estimate from sizes and counts, before anything is loaded."""

import math
from collections.abc import Mapping
from typing import Any

from lib_train.host.protocol import ModelSize

OPTIMIZER_BYTES = {
    "AdamW": 8,
    "AdamW8bit": 2,
    "Lion": 4,
    "Lion8bit": 1,
    "Adafactor": 1,
    "CAME": 5,
    "Prodigy": 16,
    "DAdaptAdam": 12,
    "SGD": 0,
    "AdamWScheduleFree": 8,
    "SGDScheduleFree": 4,
}
"""Optimizer state for each trained weight; for Adafactor, CAME and the 8-bit ones about so much."""


def state_bytes(optimizer: str, args: Mapping[str, Any]) -> int:
    """The same with these arguments: Prodigy keeps two of four numbers for every slice_p-th weight alone.

    >>> state_bytes("Prodigy", {}), state_bytes("Prodigy", {"slice_p": 4})
    (16, 10)
    """
    sliced = args.get("slice_p")
    if optimizer == "Prodigy" and isinstance(sliced, int) and sliced > 1:
        return 8 + math.ceil(8 / sliced)
    return OPTIMIZER_BYTES[optimizer]


_KEPT = {"sd1": 130_000, "sd2": 130_000, "sdxl": 240_000}
_KEPT_CHECKPOINTED = {"sd1": 65_000, "sd2": 65_000, "sdxl": 62_000}
_KEPT_TEXT = {"sd1": 15_100_000, "sd2": 38_600_000, "sdxl": 82_300_000}
_PROGRAM = 600 * 2**20


def device_bytes(
    size: ModelSize,
    *,
    weights: int,
    optimizer: str,
    pixels: int,
    batch_size: int,
    precision: str,
    checkpointed: bool,
    trains_text: bool,
    averaged: bool = False,
    optimizer_args: Mapping[str, Any] | None = None,
) -> int:
    """Bytes at the peak of a step: base model, adapters with gradients and optimizer, activations, the program itself.

    ``_KEPT`` numbers are held for the backward pass for each latent pixel and picture at 320 channels, ``_KEPT_TEXT``
    for each caption of 75 tokens. Counted on the meta device (113,000 for SD1, 208,000 for SDXL, all linear in pixels;
    18,700 and 17,100 with checkpointing), and raised to what a step of SD1.5 in float32 on a CPU really took:
    783 MiB above its weights at 256 pixels, 2146 at 512, checkpointed 463 and 1190. The estimate is 0 to 3 % above
    those four. In 16 bits a kept number counts 3 bytes, for autocast keeps norms in float32; not measured.

    Args:
        weights: trained weights of the network.
        pixels: latent pixels of the largest bucket, width * height / 64.
        precision: "no", "fp16" or "bf16".
        averaged: whether an average of the trained weights is kept beside them.
    """
    whole = precision == "no"
    base = sum(size.weights.values()) * (4 if whole else 2)
    adapters = weights * (8 + state_bytes(optimizer, optimizer_args or {}) + 4 * averaged)
    kept = (_KEPT_CHECKPOINTED if checkpointed else _KEPT)[size.family] * pixels
    if trains_text:
        kept += _KEPT_TEXT[size.family] // (4 if checkpointed else 1)
    return int(base + adapters + kept * batch_size * size.width / 320 * (4 if whole else 3) + _PROGRAM)
