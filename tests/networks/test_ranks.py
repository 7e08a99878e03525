import pytest
import torch

from lib_train.config.network import NetworkConfig
from lib_train.errors import ConfigError
from lib_train.layer_shapes import LayerShape
from lib_train.networks.ranks import rank_and_alpha, rank_args


@pytest.mark.parametrize("in_resnet", [False, True])
@pytest.mark.parametrize("kind", ["linear", "conv1x1"])
def test_linear_layers_and_1x1_convolutions_follow_network_dim_in_resnets_too(kind, in_resnet):
    layer = LayerShape("unet", "IN04", kind, (8, 8), in_resnet)
    assert rank_and_alpha(layer, NetworkConfig(network_dim=6, network_alpha=3.0, conv_dim=2)) == (6, 3.0)


@pytest.mark.parametrize(("alpha", "told"), [(None, 1.0), (0.5, 0.5)])
def test_3x3_convolutions_follow_conv_dim_and_their_alpha_is_1_where_none_is_set(alpha, told):
    layer, config = LayerShape("unet", "IN03", "conv3x3", (8, 8, 3, 3), True), {"conv_dim": 2, "conv_alpha": alpha}
    assert rank_and_alpha(layer, NetworkConfig(network_dim=6, network_alpha=3.0, **config)) == (2, told)


@pytest.mark.parametrize("kind", ["linear", "conv1x1", "conv3x3"])
def test_without_conv_dim_nothing_of_resnets_is_trained(kind):
    assert rank_and_alpha(LayerShape("unet", "IN03", kind, (8, 8), True), NetworkConfig())[0] == 0


def test_arguments_are_those_that_are_set_in_the_order_of_sd_scripts():
    found = rank_args(NetworkConfig(conv_dim=4, network_dropout=0.1, rank_dropout=0.2, module_dropout=0.3))
    assert list(found.items()) == [
        ("conv_dim", 4), ("conv_alpha", 1.0), ("dropout", 0.1), ("rank_dropout", 0.2), ("module_dropout", 0.3)
    ]  # fmt: skip
    assert rank_args(NetworkConfig()) == {}


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, (6, 3.0)), ({"conv_dim": 2}, (2, 1.0)), ({"conv_alpha": 0.5}, (6, 0.5))],
)
def test_locon_trains_convolutions_with_the_rank_and_alpha_of_the_others_where_they_have_none(given, told):
    layer = LayerShape("unet", "IN03", "conv3x3", (8, 8, 3, 3), True)
    config = NetworkConfig(network_type="locon", network_dim=6, network_alpha=3.0, **given)
    assert rank_and_alpha(layer, config) == told
    assert rank_args(config) == {"conv_dim": told[0], "conv_alpha": told[1]}


def by_block(place, **lists):
    """A list of sizes that count up, and the sizes of a layer of this block."""
    block, kind, shape = place
    layer = LayerShape("unet", block, kind, shape, in_resnet=kind == "conv3x3")
    return rank_and_alpha(layer, NetworkConfig(network_dim=6, network_alpha=3.0, **lists))


def test_blocks_have_ranks_and_alphas_of_their_own():
    ranks, alphas = list(range(25)), [n / 2 for n in range(25)]
    assert by_block(("IN04", "linear", (8, 8)), block_dims=ranks) == (4, 3.0)
    assert by_block(("OUT11", "conv1x1", (8, 8, 1, 1)), block_dims=ranks, block_alphas=alphas) == (24, 12.0)
    assert by_block(("M00", "linear", (8, 8)), block_alphas=[0] * 25) == (6, 6)  # alpha 0 is the rank
    assert by_block(("IN00", "linear", (8, 8)), block_dims=ranks)[0] == 0
    layer = LayerShape("text_encoder", "BASE", "linear", (8, 8))
    assert rank_and_alpha(layer, NetworkConfig(network_dim=6, network_alpha=3.0, block_dims=(1,) * 25)) == (6, 3.0)


def test_3x3_convolutions_have_lists_of_their_own():
    ranks, conv = tuple(range(25)), ("IN05", "conv3x3", (8, 8, 3, 3))
    assert by_block(conv, block_dims=ranks)[0] == 0
    assert by_block(conv, block_dims=ranks, conv_dim=2) == (2, 1.0)
    assert by_block(conv, conv_block_dims=ranks) == (5, 1.0)
    assert by_block(conv, conv_block_dims=ranks, conv_block_alphas=[7] * 25) == (5, 7.0)
    assert by_block(conv, conv_block_dims=ranks, conv_alpha=0.5) == (5, 0.5)
    shortcut = LayerShape("unet", "IN05", "conv1x1", (8, 8, 1, 1), in_resnet=True)
    assert rank_and_alpha(shortcut, NetworkConfig(conv_block_dims=ranks))[0] == 16
    assert rank_and_alpha(shortcut, NetworkConfig(block_dims=ranks))[0] == 0


def test_arguments_tell_the_lists_of_blocks():
    assert rank_args(NetworkConfig(block_dims=(2,) * 23)) == {"block_dims": ",".join(["2"] * 23)}


@pytest.mark.parametrize(("rank", "alpha"), [(16, 8.0), (10, 8.0), (4, 1.0), (7, 5.0)])
def test_rank_stabilised_alpha_divided_by_the_rank_is_alpha_by_its_root_as_every_file_holds_it(rank, alpha):
    layer = LayerShape("unet", "IN04", "linear", (8, 8))
    config = NetworkConfig(network_dim=rank, network_alpha=alpha, rs_lora=True)
    found, stored = rank_and_alpha(layer, config)
    assert found == rank
    assert stored / rank == pytest.approx(alpha / rank**0.5, rel=2**-8)
    assert stored == float(torch.tensor(stored).half()) == float(torch.tensor(stored).bfloat16())
    assert rank_args(config) == {"rs_lora": True}


def test_rank_stabilised_is_refused_where_readers_apply_no_alpha():
    with pytest.raises(ConfigError, match="rs_lora = True: the WebUI applies no alpha to full everywhere"):
        NetworkConfig(network_type="full", rs_lora=True)


def test_arguments_tell_of_ranks_by_timestep():
    assert rank_args(NetworkConfig(tlora=True)) == {"tlora": True, "tlora_min_rank": 1, "tlora_alpha": 1.0}
