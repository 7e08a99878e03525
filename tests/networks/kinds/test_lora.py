from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from lib_train.config.network import NetworkConfig
from lib_train.networks.dropout import Dropout
from lib_train.networks.functional import lora_delta
from lib_train.networks.kinds.lora import KIND, LoraUpdate
from lib_train.networks.targets import Target

LAYERS = {
    "linear": lambda: nn.Linear(24, 40),
    "linear without bias": lambda: nn.Linear(24, 40, bias=False),
    "conv1x1": lambda: nn.Conv2d(24, 40, 1),
    "conv1x1 stride 2": lambda: nn.Conv2d(24, 40, 1, stride=2),
    "conv3x3": lambda: nn.Conv2d(24, 40, 3, padding=1),
    "conv3x3 stride 2": lambda: nn.Conv2d(24, 40, 3, stride=2, padding=1),
}


class Wrapped(nn.Linear):
    """What a host's patched layer looks like."""

    def forward(self, input):
        return super().forward(input) * 2


def fresh(target, seed, **settings) -> LoraUpdate:
    update = KIND.create(target, NetworkConfig(**settings), seed)
    assert isinstance(update, LoraUpdate)
    return update


def subject(kind, seed=0, dtype=torch.float32):
    """A frozen layer, its update with random matrices, a network around it and an input."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = LAYERS[kind]().requires_grad_(False).to(dtype)
        x = torch.randn(2, 9, 8, 24) if "conv" in kind else torch.randn(2, 70, 24)
    target = Target("lora_unet_x", module, "unet", "IN04", kind.split()[0])
    layer = fresh(target, seed, network_dim=3, network_alpha=1.5, conv_dim=3, conv_alpha=1.5)
    layer.up.data.copy_(torch.randn(layer.up.shape, generator=torch.Generator().manual_seed(seed)))
    network = SimpleNamespace(multiplier=0.8, dropout=Dropout(NetworkConfig()))
    return module, layer, network, (x.permute(0, 3, 1, 2) if "conv" in kind else x).to(dtype)


def dense(module, layer, multiplier, x):
    weight = module.weight + lora_delta(layer.up, layer.down, layer.scale * multiplier).to(module.weight.dtype)
    if isinstance(module, nn.Linear):
        return F.linear(x, weight, module.bias)
    return F.conv2d(x, weight, module.bias, module.stride, module.padding)


@pytest.mark.parametrize("rows_of_pixels", [True, False])
@pytest.mark.parametrize("kind", LAYERS)
def test_adapted_layer_equals_the_dense_formula_in_output_and_gradients(kind, rows_of_pixels):
    module, layer, network, x = subject(kind)
    x = x if rows_of_pixels else x.contiguous()
    x.requires_grad_()
    out = layer.forward_for(network)(x)
    wanted = dense(module, layer, 0.8, x)
    torch.testing.assert_close(out, wanted, atol=1e-5, rtol=1e-5)
    assert out.stride() == module(x).stride()
    inputs, slope = (x, layer.down, layer.up), torch.randn(out.shape, generator=torch.Generator().manual_seed(3))
    found = torch.autograd.grad(out, inputs, slope)
    for ours, theirs in zip(found, torch.autograd.grad(wanted, inputs, slope), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", LAYERS)
def test_multiplier_zero_leaves_the_output_bit_equal(kind):
    module, layer, network, x = subject(kind)
    network.multiplier = 0.0
    assert torch.equal(layer.forward_for(network)(x), module(x))


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_base_in_sixteen_bits_keeps_its_type_and_gives_float32_gradients(kind, dtype):
    module, layer, network, x = subject(kind, dtype=dtype)
    out = layer.forward_for(network)(x)
    assert out.dtype == dtype
    module, x = module.float(), x.float()
    torch.testing.assert_close(out.float(), dense(module, layer, 0.8, x), atol=0.1, rtol=0.05)
    out.float().sum().backward()
    assert layer.down.grad.dtype == layer.up.grad.dtype == torch.float32
    assert layer.down.grad.abs().sum() > 0


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("base", [torch.float32, torch.bfloat16])
def test_autocast_casts_base_and_update(kind, base):
    module, layer, network, x = subject(kind)
    wanted = dense(module, layer, 0.8, x)
    module.to(base)
    with torch.autocast("cpu", torch.bfloat16):
        out = layer.forward_for(network)(x)
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.float(), wanted, atol=0.1, rtol=0.05)
    out.float().sum().backward()
    assert layer.up.grad.dtype == torch.float32


@pytest.mark.parametrize("kind", LAYERS)
def test_checkpointing_and_a_second_forward_give_the_same_gradients(kind):
    _, layer, network, x = subject(kind)
    forward = layer.forward_for(network)
    plain = torch.autograd.grad(forward(x).sum() + forward(2 * x).sin().sum(), (layer.down, layer.up))
    both = checkpoint(lambda x: forward(x).sum() + forward(2 * x).sin().sum(), x, use_reentrant=False)
    for ours, theirs in zip(torch.autograd.grad(both, (layer.down, layer.up)), plain, strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("where", ["class", "instance"])
def test_a_patched_forward_is_kept_and_the_update_added_to_it(where):
    module, layer, network, x = subject("linear")
    alone = dense(module, layer, 0.8, x) - module(x)
    if where == "class":
        module.__class__ = Wrapped
    else:
        module.forward = lambda x: nn.Linear.forward(module, x) * 2
    torch.testing.assert_close(layer.forward_for(network)(x), 2 * F.linear(x, module.weight, module.bias) + alone)


def test_a_base_that_is_trained_itself_gets_its_gradients():
    module, layer, network, x = subject("linear")
    module.requires_grad_(True)
    layer.forward_for(network)(x).sum().backward()
    assert module.weight.grad.abs().sum() > 0
    assert layer.up.grad.abs().sum() > 0


def test_fresh_matrices_are_kaiming_uniform_below_and_zero_above():
    module = nn.Conv2d(64, 8, 3)
    layer = fresh(Target("lora_unet_x", module, "unet", "IN04", "conv3x3"), 7, conv_dim=32)
    bound = (64 * 9) ** -0.5
    assert not layer.up.any()
    assert 0.98 * bound < layer.down.abs().max() <= bound
    assert abs(layer.down.std() - bound / 3**0.5) < 0.02 * bound


def test_fresh_matrices_depend_on_seed_and_name_alone():
    def drawn(name, seed):
        module = nn.Linear(4, 4)
        before = torch.random.get_rng_state()
        layer = fresh(Target(name, module, "unet", "IN04", "linear"), seed, network_dim=2)
        assert torch.equal(before, torch.random.get_rng_state())
        return layer.down

    assert torch.equal(drawn("a", 1), drawn("a", 1))
    assert not torch.equal(drawn("a", 1), drawn("a", 2))
    assert not torch.equal(drawn("a", 1), drawn("b", 1))
