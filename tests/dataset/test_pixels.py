import torch
from PIL import Image

from lib_train.dataset.pixels import pixels_of


def test_levels_0_to_255_are_minus_one_to_one_with_colours_first_and_rows_before_columns():
    picture = Image.new("RGB", (3, 2), (0, 255, 51))
    picture.putpixel((2, 1), (255, 0, 204))
    found = pixels_of(picture)
    assert (found.shape, found.dtype) == ((3, 2, 3), torch.float32)
    assert torch.allclose(found[:, 0, 0], torch.tensor([-1.0, 1.0, -0.6]))
    assert torch.allclose(found[:, 1, 2], torch.tensor([1.0, -1.0, 0.6]))
