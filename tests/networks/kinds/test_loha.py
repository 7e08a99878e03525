import pytest
import torch
from torch import nn

from lib_train.config.network import NetworkConfig
from lib_train.networks.dense import DenseUpdate
from lib_train.networks.dropout import Dropout
from lib_train.networks.kinds.loha import KIND
from lib_train.networks.low_rank import LowRankUpdate
from lib_train.networks.network import Network
from lib_train.networks.targets import Target


def on(module, rank, **settings):
    config = NetworkConfig(network_type="loha", network_dim=rank, network_alpha=2.0, **settings)
    return KIND.create(Target("lora_unet_x", module, "unet", "IN04", "linear"), config, 0), Network((), config, seed=0)


@pytest.mark.parametrize(("rank", "way"), [(2, LowRankUpdate), (7, LowRankUpdate), (8, DenseUpdate)])
def test_few_ranks_are_put_on_as_the_lora_that_they_are(rank, way):
    update, network = on(nn.Linear(320, 320), rank)
    assert update._way(network) is way
    network.dropout = Dropout(NetworkConfig(rank_dropout=0.1))
    assert update._way(network) is DenseUpdate


def test_its_lora_of_the_rank_squared_has_the_same_product():
    update, _ = on(nn.Linear(24, 40), 3)
    for parameter in update.parameters().values():
        parameter.data.normal_(generator=torch.Generator().manual_seed(parameter.numel()))
    down, up = update.matrices()
    assert (tuple(down.shape), tuple(up.shape)) == ((9, 24), (40, 9))
    torch.testing.assert_close(up @ down * update.scale, update.delta())


def test_first_numbers_are_drawn_as_widely_as_by_lycoris():
    parts = on(nn.Linear(640, 640), 16)[0].parameters()
    wide = {part.removeprefix("hada_"): float(tensor.detach().std()) for part, tensor in parts.items()}
    assert wide == pytest.approx({"w1_a": 0.1, "w1_b": 1.0, "w2_a": 0.0, "w2_b": 1.0}, rel=0.05)


def test_a_convolution_s_matrix_may_keep_the_kernel_s_sides():
    """The WebUI's reader takes it too."""
    parts = {"hada_w1_a": torch.randn(8, 2), "hada_w1_b": torch.randn(2, 4, 3, 3), "hada_w2_a": torch.randn(8, 2),
             "hada_w2_b": torch.randn(2, 4, 3, 3)}  # fmt: skip
    target = Target("lora_unet_x", nn.Conv2d(4, 8, 3), "unet", "IN04", "conv3x3")
    wanted = torch.einsum("or,rikl->oikl", parts["hada_w1_a"], parts["hada_w1_b"])
    wanted = wanted * torch.einsum("or,rikl->oikl", parts["hada_w2_a"], parts["hada_w2_b"])
    torch.testing.assert_close(KIND.read(KIND.completed("lora_unet_x", parts), target).delta(), wanted)
