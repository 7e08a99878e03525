"""A picture as numbers."""

import numpy
import torch
from PIL import Image
from torch import Tensor


def pixels_of(picture: Image.Image) -> Tensor:
    """(3, H, W), float32 in [-1, 1]."""
    values = torch.from_numpy(numpy.array(picture, dtype=numpy.uint8))
    return values.permute(2, 0, 1).float().div_(127.5).sub_(1)
