"""How much a step computes, by model, sizes and settings: what the estimate of its time begins with."""

from collections.abc import Mapping
from typing import NamedTuple

from lib_train.config.run import RunConfig
from lib_train.host.protocol import ModelSize
from lib_train.planning.objective import passes_of
from lib_train.training.assemble import caches_captions

_LINEAR = {"sd1": 165e6, "sd2": 165e6, "sdxl": 366e6}
"""FLOP of a forward pass for each latent pixel, without attention, at full size."""
_ATTENTION = {"sd1": 7.5e3, "sd2": 7.5e3, "sdxl": 2.9e3}
"""FLOP of attention among latent pixels, for each pair of them."""
_UNET = {"sd1": 860e6, "sd2": 866e6, "sdxl": 2567e6}
"""Weights at full size."""
_WIDTH = 320
_KEPT = {"sd1": 130_000, "sd2": 130_000, "sdxl": 240_000}
"""Numbers that layers write for each latent pixel, at full size; see ``memory``."""
_BACKWARD, _BACKWARD_ATTENTION, _BACKWARD_TEXT = 2.03, 3.0, 3.0
"""Forward and backward together, of a frozen model with adapters, as a multiple of forward."""
_AGAIN = 1 / 3
"""Of what layers write, once more with gradient checkpointing."""
_TOKENS = 77
_VAE, _VAE_WEIGHTS = 270e6, 84e6
"""FLOP of encoding for each latent pixel, and weights, at full size."""


class Work(NamedTuple):
    """What a step computes."""

    flop: float
    """Operations of matrices and convolutions; a multiplication with its addition counts as two."""
    numbers: float
    """Numbers that layers write."""


def work_of(config: RunConfig, size: ModelSize, buckets: Mapping[tuple[int, int], int]) -> Work:
    """Work of a usual step.

    The numbers for full-size models were counted on the meta device at 512 to 1536 pixels: 0.80 TFLOP forward and 1.75
    with backward for SD1 at 512, 6.76 and 14.35 for SDXL at 1024; these are within 3 %. Of narrower models the weights
    tell how much of them works on how many pixels: deeper levels have most of the weights and few pixels.

    Args:
        config: as the run takes it.
        buckets: width and height in pixels, with uses in an epoch.
    """
    training, uses = config.training, max(1, sum(buckets.values()))
    narrow = size.width / _WIDTH
    share = narrow**1.2 * (size.weights["unet"] / _UNET[size.family]) ** 0.4
    more = passes_of(training)
    times = [
        (both + training.gradient_checkpointing) * (1 + more.both) + more.forward
        for both in (_BACKWARD, _BACKWARD_ATTENTION)
    ]
    flop = numbers = 0.0
    for (width, height), count in buckets.items():
        pixels = width * height / 64
        linear, attention = _LINEAR[size.family] * share * pixels, _ATTENTION[size.family] * narrow * pixels**2
        flop += count / uses * (linear * times[0] + attention * times[1] + _encoding(config, size, pixels))
        numbers += count / uses * _KEPT[size.family] * narrow * pixels
    numbers *= (1 + _AGAIN * training.gradient_checkpointing) * (1 + more.both) + _AGAIN * more.forward
    pictures = training.train_batch_size * training.gradient_accumulation_steps
    return Work((flop + _text(config, size)) * pictures, numbers * pictures)


def _text(config: RunConfig, size: ModelSize) -> float:
    """FLOP of the text encoder for a caption."""
    once, more = 2.0 * size.weights.get("text_encoder", 0) * _TOKENS, passes_of(config.training)
    if "text_encoder" in config.training.rates:
        return once * (_BACKWARD_TEXT * (1 + more.both) + more.forward)
    return 0.0 if caches_captions(config) else once * (1 + more.both + more.forward)


def _encoding(config: RunConfig, size: ModelSize, pixels: float) -> float:
    """FLOP of encoding a picture, where that is done at each use."""
    if config.dataset.caches_latents:
        return 0.0
    return _VAE * pixels * size.weights.get("vae", 0) / _VAE_WEIGHTS
