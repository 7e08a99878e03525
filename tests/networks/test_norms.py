import pytest
import torch
from torch import nn

from lib_train.config.network import NETWORK_TYPES, NetworkConfig
from lib_train.networks.network import Network
from lib_train.networks.norms import Norms, limit_norms
from lib_train.networks.targets import Target

MODULES = {"a": nn.Linear(6, 4), "b": nn.Conv2d(6, 4, 3), "c": nn.Linear(5, 3)}


def network_of(sizes, **settings):
    """A network whose updates have these norms; 0 is a fresh one."""
    kinds = {name: "conv3x3" if isinstance(module, nn.Conv2d) else "linear" for name, module in MODULES.items()}
    targets = [Target(name, MODULES[name], "unet", "IN01", kinds[name]) for name in sizes]
    config = NetworkConfig(network_dim=2, network_alpha=3, conv_dim=2, conv_alpha=0.5, **settings)
    network = Network(targets, config, seed=1)
    for name, update in network.layers.items():
        up = update.parameters()["lora_up.weight"]
        with torch.no_grad():
            up.normal_(generator=torch.Generator().manual_seed(5))
            up.mul_(sizes[name] / update.delta().norm())
    return network


def norms_of(network):
    """By float64, from the matrices themselves."""
    found = {}
    for name, update in network.layers.items():
        parts = update.parameters()
        up, down = (parts[f"lora_{side}.weight"].detach().double().flatten(1) for side in ("up", "down"))
        found[name] = float((up @ down).norm()) * {"a": 1.5, "b": 0.25, "c": 1.5}[name]
    return found


def test_updates_above_the_limit_are_shortened_to_it_and_others_stay_to_the_bit():
    network = network_of({"a": 3.0, "b": 0.5, "c": 1.0})
    before = {name: tensor.clone() for name, tensor in network.tensors().items()}
    told = Norms(*limit_norms(network, 1.0).tolist())
    assert norms_of(network) == pytest.approx({"a": 1.0, "b": 0.5, "c": 1.0}, rel=1e-5)
    assert told == pytest.approx((1, 2.5 / 3, 1.0), rel=1e-5)
    for name, tensor in network.tensors().items():
        if name.startswith("b"):
            assert torch.equal(tensor, before[name])
        elif name.startswith("a") and "alpha" not in name:
            assert torch.allclose(tensor, before[name] * (1 / 3) ** 0.5)  # both matrices alike
        elif "alpha" in name:
            assert torch.equal(tensor, before[name])


def test_fresh_updates_have_no_length_and_no_fault():
    assert limit_norms(network_of({"a": 0.0, "c": 0.0}), 1.0).tolist() == [0, 0, 0]


def test_updates_that_are_no_product_are_left_alone():
    network = network_of({"a": 3.0}, dora_wd=True)
    before = [parameter.clone() for parameter in network.parameters("unet")]
    assert limit_norms(network, 1.0).tolist() == [0, 0, 0]
    assert all(torch.equal(one, other) for one, other in zip(before, network.parameters("unet"), strict=True))


@pytest.mark.parametrize("kind", NETWORK_TYPES)
@pytest.mark.parametrize("name", MODULES)
def test_each_kind_is_limited_or_left_alone(kind, name):
    target = Target(name, MODULES[name], "unet", "IN01", "conv3x3" if name == "b" else "linear")
    network = Network([target], NetworkConfig(network_type=kind, network_dim=2, conv_dim=2), seed=1)
    for number, parameter in enumerate(network.parameters("unet")):
        parameter.data.normal_(generator=torch.Generator().manual_seed(number))
    limit, before = 1e-3, [parameter.clone() for parameter in network.parameters("unet")]
    shortened = limit_norms(network, limit)[0]
    if name in network.layers:
        same = [torch.equal(one, other) for one, other in zip(before, network.parameters("unet"), strict=True)]
        if shortened:
            assert not any(same)
            assert float(network.layers[name].delta().detach().norm()) == pytest.approx(limit, rel=1e-3)
        else:
            assert all(same)
    assert shortened or kind not in ("lora", "locon", "loha", "lokr")


def test_what_begins_with_the_bases_weights_is_left_alone():
    network = Network(
        [Target("a", MODULES["a"], "unet", "IN01", "linear")], NetworkConfig(network_init="pissa"), seed=1
    )
    for parameter in network.parameters("unet"):
        parameter.data.normal_(generator=torch.Generator().manual_seed(0))
    assert limit_norms(network, 1e-3).tolist() == [0, 0, 0]
