"""What is promised of every way to train that has no ranks of its own to test: against formulas written here."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lib_train.checkpoints.files import read_network, write_network
from lib_train.config.network import NetworkConfig
from lib_train.networks.kinds import KINDS, kind_for
from lib_train.networks.network import Network
from lib_train.networks.targets import Target
from lib_train.networks.update import Update
from lib_train.vocabulary import FAMILIES
from tests.bases import narrow_base
from tests.networks.test_network import insides, network_for, outputs

Merged = Callable[[Tensor, Tensor, dict[str, Tensor], float], tuple[Tensor, Tensor]]


def full(weight: Tensor, bias: Tensor, parts: dict[str, Tensor], m: float) -> tuple[Tensor, Tensor]:
    return weight + m * parts["diff"], bias + m * parts["diff_b"]


def dora(weight: Tensor, bias: Tensor, parts: dict[str, Tensor], m: float) -> tuple[Tensor, Tensor]:
    """With the norm held fixed for gradients, as DoRA's paper has it."""
    up, down = parts["lora_up.weight"], parts["lora_down.weight"]
    delta = float(parts["alpha"]) / len(down) * torch.einsum("or,ri...->oi...", up.flatten(1), down)
    norm = (
        (weight + delta).detach().pow(2).sum([axis for axis in range(weight.dim()) if axis != 1], keepdim=True).sqrt()
    )
    return weight + m * ((weight + delta) * parts["dora_scale"] / norm - weight), bias


def ia3(weight: Tensor, bias: Tensor, parts: dict[str, Tensor], m: float) -> tuple[Tensor, Tensor]:
    factors = parts["weight"].flatten()
    sides = "i" if parts["on_input"] else "o"
    return weight + m * torch.einsum(f"oi...,{sides}->oi...", weight, factors), bias


WAYS: dict[str, tuple[dict[str, Any], Merged]] = {
    "full": ({"network_type": "full"}, full),
    "dora": ({"network_type": "dora"}, dora),
    "ia3": ({"network_type": "ia3"}, ia3),
}
"""Settings, and weight and bias with what a file's parts put on at weight m, as the WebUI's reader computes it."""
SETTINGS = {way: settings for way, (settings, _) in WAYS.items()} | {
    "norm": {"train_norm": True, "network_layers": "*norm*;*_layers_0"},
    "norm beside lora": {"train_norm": True, "conv_dim": 2},
    "dora everywhere": {"dora_wd": True, "network_preset": "full"},
    "full everywhere": {"network_type": "full", "network_preset": "full"},
    "ia3 everywhere": {"network_type": "ia3", "network_preset": "full"},
}
"""What whole networks are trained with."""
LAYERS: dict[str, Callable[[], Any]] = {
    "linear": lambda: nn.Linear(6, 4),
    "ff_net_2": lambda: nn.Linear(6, 4),
    "conv1x1": lambda: nn.Conv2d(6, 4, 1),
    "conv3x3": lambda: nn.Conv2d(6, 4, 3, 2, 1),
}


def config_of(way: str) -> NetworkConfig:
    return NetworkConfig(**{"network_dim": 3, "network_alpha": 2.0, "conv_dim": 2} | SETTINGS[way])


def subject(way: str, layer: str) -> tuple[Any, Update, Network, Tensor]:
    """A frozen layer in float64, its update with random numbers, a network of it and an input."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        module = LAYERS[layer]().double().requires_grad_(False)
        kind = "linear" if isinstance(module, nn.Linear) else layer
        target = Target(f"lora_unet_{layer}", module, "unet", "IN04", kind)
        update = kind_for(target.layer, config_of(way)).create(target, config_of(way), 0)
        for parameter in update.parameters().values():
            parameter.data = parameter.data.double() + 0.3 * torch.randn(parameter.shape, dtype=torch.float64)
        x = torch.randn((2, 5, 6) if kind == "linear" else (2, 6, 5, 5), dtype=torch.float64)
    network = Network((), NetworkConfig(), seed=0)
    network.layers = {target.name: update}
    return module, update, network, x


def in_file(update: Update) -> dict[str, Tensor]:
    return {name: update.stored(tensor) for name, tensor in update.parameters().items()} | update.constants()


def computed(module: Any, weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    if isinstance(module, nn.Linear):
        return F.linear(x, weight, bias)
    return F.conv2d(x, weight, bias, module.stride, module.padding)


@pytest.mark.parametrize("multiplier", [0.4, 1.0])
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", WAYS)
def test_a_layer_computes_what_the_webui_will_with_the_file(way, layer, multiplier):
    module, update, network, x = subject(way, layer)
    network.multiplier = multiplier
    parts = in_file(update)
    weight, bias = WAYS[way][1](module.weight, module.bias, parts, multiplier)
    with network.attached(), torch.no_grad():
        torch.testing.assert_close(module(x), computed(module, weight, bias, x))
    whole, _ = WAYS[way][1](module.weight, module.bias, parts, 1.0)
    torch.testing.assert_close(module.weight + update.delta(), whole)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("way", WAYS)
def test_gradients_are_those_of_the_formula(way, layer):
    module, update, network, x = subject(way, layer)
    parameters, slope = list(update.parameters().values()), torch.randn_like(module(x))
    x.requires_grad_()
    with network.attached():
        found = torch.autograd.grad(module(x), [x, *parameters], slope)
    weight, bias = WAYS[way][1](module.weight, module.bias, in_file(update), 1.0)
    wanted = torch.autograd.grad(computed(module, weight, bias, x), [x, *parameters], slope)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("way", SETTINGS)
def test_a_fresh_network_leaves_the_output_bit_equal_and_goes_without_a_trace(way, family):
    base = (family, *narrow_base(family))
    network, before, inside = network_for(base, config=config_of(way), trained=False), outputs(base), insides(base)
    with network.attached():
        fresh = outputs(base)
    if way == "norm beside lora":  # LoRA takes all rows in one product, which some processors round otherwise
        torch.testing.assert_close(fresh, before)
    else:
        assert torch.equal(fresh, before)
    for parameter in (*network.parameters("unet"), *network.parameters("text_encoder")):
        parameter.data += 0.1
    with network.attached():
        assert not torch.allclose(outputs(base), before, atol=1e-3)
    assert insides(base) == inside
    assert torch.equal(outputs(base), before)


@pytest.mark.parametrize("way", SETTINGS)
def test_a_file_gives_back_the_network_bit_for_bit(way, tmp_path):
    base = ("sd2", *narrow_base("sd2"))
    network = network_for(base, config=config_of(way))
    write_network(tmp_path / "a.safetensors", network.tensors(), {}, "float")
    tensors, _ = read_network(tmp_path / "a.safetensors")
    again = Network.from_tensors(tensors, *base)
    assert again.tensors().keys() == tensors.keys() == network.tensors().keys()
    assert all(torch.equal(tensor, tensors[name]) for name, tensor in again.tensors().items())
    with network.attached():
        wanted = outputs(base)
    with again.attached():
        assert torch.equal(outputs(base), wanted)


@pytest.mark.parametrize("way", WAYS)
def test_what_bf16_would_ruin_is_kept_in_fp16(way, tmp_path):
    _, update, network, _ = subject(way, "linear")
    kind = kind_for(update.target.layer, config_of(way))
    write_network(tmp_path / "a.safetensors", network.tensors(), {}, "bf16")
    tensors, _ = read_network(tmp_path / "a.safetensors")
    assert {name.partition(".")[2] for name, tensor in tensors.items() if tensor.dtype == torch.float16} == {
        *kind.not_in_bf16
    } & {*update.parameters()}
    assert kind in KINDS.values()
