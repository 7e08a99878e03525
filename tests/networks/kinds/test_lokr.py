import math

import pytest
import torch
from torch import nn

from lib_train.config.network import NetworkConfig
from lib_train.errors import ConfigError, ModelFileError
from lib_train.networks.contents import layers_in
from lib_train.networks.kinds.lokr import KIND, TUCKER
from lib_train.networks.kron import factorization
from lib_train.networks.targets import Target

NAME = "lora_unet_x"


def on(module, **settings):
    kind = "linear" if isinstance(module, nn.Linear) else f"conv{module.kernel_size[0]}x{module.kernel_size[0]}"
    config = NetworkConfig(**{"network_type": "lokr", "network_dim": 4, "conv_dim": 4, **settings})
    target = Target(NAME, module, "unet", "IN04", kind)
    return (TUCKER if config.use_tucker else KIND).create(target, config, 0)


def shapes(update):
    return {part.removeprefix("lokr_"): tuple(tensor.shape) for part, tensor in update.parameters().items()}


@pytest.mark.parametrize("factor", [-1, 1, 2, 3, 4, 8, 16, 50])
def test_numbers_are_divided_as_lycoris_divides_them(factor):
    general = pytest.importorskip("lycoris.functional.general", reason="LyCORIS is not installed")
    for number in (*range(1, 200), 320, 640, 768, 1280, 2048, 2560, 3072, 5120, 10240):
        small, large = factorization(number, factor)
        assert (small, large) == general.factorization(number, factor)
        assert small * large == number


@pytest.mark.parametrize(
    ("module", "settings", "wanted"),
    [
        (nn.Linear(320, 640), {"factor": 8, "network_dim": 100}, {"w1": (8, 8), "w2": (80, 40)}),
        (nn.Linear(320, 640), {}, {"w1": (20, 16), "w2_a": (32, 4), "w2_b": (4, 20)}),
        (nn.Linear(320, 640), {"decompose_both": True},
         {"w1_a": (20, 4), "w1_b": (4, 16), "w2_a": (32, 4), "w2_b": (4, 20)}),
        (nn.Linear(320, 640), {"decompose_both": True, "full_matrix": True}, {"w1": (20, 16), "w2": (32, 20)}),
        (nn.Linear(320, 640), {"network_dim": 16}, {"w1": (20, 16), "w2": (32, 20)}),
        (nn.Linear(320, 640), {"network_dim": 15}, {"w1": (20, 16), "w2_a": (32, 15), "w2_b": (15, 20)}),
        (nn.Conv2d(320, 640, 3), {}, {"w1": (20, 16), "w2_a": (32, 4), "w2_b": (4, 180)}),
        (nn.Conv2d(320, 640, 3), {"use_tucker": True},
         {"w1": (20, 16), "w2_a": (4, 32), "w2_b": (4, 20), "t2": (4, 4, 3, 3)}),
        (nn.Conv2d(320, 640, 3), {"full_matrix": True}, {"w1": (20, 16), "w2": (32, 20, 3, 3)}),
        (nn.Conv2d(320, 640, 1), {"full_matrix": True}, {"w1": (20, 16), "w2": (32, 20, 1, 1)}),
    ],
)  # fmt: skip
def test_weights_are_divided_as_lycoris_divides_them(module, settings, wanted):
    assert shapes(on(module, **settings)) == wanted


def test_two_whole_matrices_are_not_scaled_and_tell_their_rank_as_alpha():
    """The WebUI reads no alpha there."""
    update = on(nn.Linear(320, 640), full_matrix=True, network_dim=6, network_alpha=2.0)
    assert update.constants() == {"alpha": torch.tensor(6.0)}
    for part in update.parameters().values():
        nn.init.ones_(part)
    assert (update.delta() == 1).all()
    read = KIND.read(KIND.completed(NAME, {**update.parameters(), "alpha": torch.tensor(3.0)}), update.target)
    assert (read.delta() == 1).all()
    assert read.constants() == {"alpha": torch.tensor(3.0)}


def test_a_file_of_another_shape_is_refused_by_the_layer():
    update = on(nn.Linear(320, 640))
    file = {f"{NAME}.{part}": tensor for part, tensor in update.parameters().items()}
    target = Target(NAME, nn.Linear(320, 768), "unet", "IN04", "linear")
    with pytest.raises(ModelFileError, match=rf"{NAME}: its factors make no weight of the shape \(768, 320\): choose"):
        KIND.read(layers_in(file)[NAME].parts, target)


def test_a_file_without_alpha_is_not_scaled():
    update = on(nn.Linear(320, 640), network_alpha=1.0)
    parts = {part: torch.ones_like(tensor) for part, tensor in update.parameters().items()}
    assert torch.allclose(KIND.read(KIND.completed(NAME, parts), update.target).delta(), torch.tensor(4.0))


@pytest.mark.parametrize("factor", [0, -2])
def test_a_factor_that_divides_nothing_is_refused(factor):
    with pytest.raises(ConfigError, match="factor"):
        NetworkConfig(factor=factor)


def test_first_numbers_are_drawn_as_widely_as_by_lycoris():
    parts = on(nn.Conv2d(320, 640, 3), use_tucker=True).parameters()
    for part, count in (("lokr_w1", 16), ("lokr_w2_a", 32), ("lokr_t2", 36)):
        bound = 1 / math.sqrt(count)
        assert 0.8 * bound < parts[part].abs().max() <= bound
    assert not parts["lokr_w2_b"].any()
