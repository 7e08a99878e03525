import pytest

from lib_train.host.shared.sides import own_side


@pytest.mark.parametrize(
    ("family", "predicts", "width", "image_size", "side"),
    [
        ("sd1", "epsilon", 320, 64, 0), ("sd1", "epsilon", 320, 96, 0),  # it says 64 of whatever size
        ("sd2", "v", 320, 64, 0), ("sd2", "epsilon", 320, 64, 512), ("sdxl", "epsilon", 320, None, 0),
        ("sd1", "epsilon", 64, 16, 128), ("sdxl", "epsilon", 64, 32, 256), ("sd2", "epsilon", 32, None, 0),
        ("sd1", "epsilon", 64, 4, 0), ("sd1", "epsilon", 64, 10**9, 0), ("sd1", "epsilon", 64, "16", 0),
    ],
)  # fmt: skip
def test_side_is_the_familys_but_of_sd2s_base_models_and_of_narrow_ones_that_say(
    family, predicts, width, image_size, side
):
    assert own_side(family, predicts, width, image_size) == side
