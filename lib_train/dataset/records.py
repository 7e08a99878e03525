"""What the other files of this room hand to each other."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a picture in an epoch: what a batch is made of."""

    index: int
    """Place of the picture in the scan."""
    number: int
    """Which of the picture's uses in this epoch it is, from 0: with seed and epoch it decides all chance."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Numbers for one forward pass: B pictures of one size."""

    latents: Tensor
    """(B, 4, H / 8, W / 8), float32, scaled, a fresh sample of each picture's distribution."""
    captions: tuple[str, ...]
    context: Tensor | None
    """(B, 77 * n, C) when captions are cached, else None: the step encodes ``captions``."""
    pooled: Tensor | None
    """(B, P) when captions of an SDXL model are cached, else None."""
    sizes: Tensor
    """(B, 6), float32: original height and width; top and left of the crop, in pixels of the resized picture as it is
    trained, mirrored or not; target height and width."""
    loss_weights: Tensor
    """(B,), float32: 1, or prior_loss_weight for regularisation pictures."""
    masks: Tensor | None = None
    """(B, 1, H / 8, W / 8), float32 in [0, 1]: what of the pictures is learned; None is all of them."""
    kept_captions: tuple[str, ...] = ()
    """For which the base model's prediction is kept; none where nothing is."""
    kept_context: Tensor | None = None
    kept_pooled: Tensor | None = None
    """As ``context`` and ``pooled``, for ``kept_captions``."""
