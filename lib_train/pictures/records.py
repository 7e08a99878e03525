"""What the other files of this room hand to each other. Plain data; ``Batch`` alone holds tensors."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from lib_train.errors import Problem


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture file with its caption, as it lies in the folder."""

    path: Path
    caption: str
    """As written: not yet prefixed, filtered or shuffled."""
    width: int
    height: int
    """Pixels after EXIF rotation."""
    repeats: int
    """Times it counts in an epoch."""
    folder: str
    """Name of its `<repeats>_<name>` folder, without the path."""
    is_reg: bool = False


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was found in the folders, with everything that cannot be used."""

    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    """What is left out on purpose or not as it seems, for a person to know."""


@dataclass(frozen=True)
class Fit:
    """How a picture comes into its bucket: first resized, then cropped to the bucket."""

    bucket: tuple[int, int]
    """Width and height in pixels."""
    resized: tuple[int, int]
    """Width and height in pixels, each at least the bucket's."""


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
