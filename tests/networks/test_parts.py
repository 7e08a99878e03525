import pytest
import torch

from lib_train.errors import ModelFileError
from lib_train.networks.parts import fitted


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((4, 8), (4, 8, 1, 1)), ((4, 8, 1, 1), (4, 8)), ((4, 8), (4, 8)), ((4, 8, 3, 3), (4, 8, 3, 3))],
)
def test_matrices_fit_in_either_shape(shape, wanted):
    values = torch.arange(4 * 8 * (9 if len(wanted) == 4 and wanted[2] == 3 else 1)).reshape(shape)
    result = fitted("key", values, wanted)
    assert result.shape == wanted
    assert torch.equal(result.flatten(), values.flatten())


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((8, 4), (4, 8)),
        ((4, 8, 1, 1), (4, 8, 3, 3)),
        ((4, 72), (4, 8, 3, 3)),
        ((4, 8, 3), (4, 8)),
        ((4, 8, 3, 1), (4, 8, 1, 1)),
    ],
)
def test_matrices_of_another_size_are_rejected_with_both_sizes(shape, wanted):
    with pytest.raises(ModelFileError) as caught:
        fitted("lora_unet_x.lora_down.weight", torch.ones(shape), wanted)
    assert all(text in str(caught.value) for text in ("lora_unet_x.lora_down.weight", str(shape), str(wanted)))
