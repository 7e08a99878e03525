import pytest

from lib_train.config.network import NetworkConfig
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
