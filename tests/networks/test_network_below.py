"""Networks above each other: those below are as though they were merged into the base model's weights."""

import pytest
import torch

from lib_train.config.network import NETWORK_TYPES, NetworkConfig
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.vocabulary import FAMILIES
from tests.bases import narrow_base, unet_inputs
from tests.networks.test_attention import encoder, run
from tests.networks.test_network import insides, network_for, outputs

CONFIG = NetworkConfig(network_dim=3, network_alpha=6.0, conv_dim=2)


@pytest.fixture(scope="module", params=FAMILIES)
def base(request):
    return (request.param, *narrow_base(request.param))


def file_for(base, seed):
    """A network file whose matrices are random."""
    return {key: tensor.clone() for key, tensor in network_for(base, seed=seed, config=CONFIG).tensors().items()}


def above(base, files, below=None):
    """Networks of files at their strengths, the last one with the others below it."""
    family, unet, encoders = base
    for file, strength in files:
        below = Network.from_tensors(file, family, unet, encoders, below=below)
        below.multiplier = strength
        below.train_only(lambda layer: 0.0)
    return below


@torch.no_grad()
def merge(base, files):
    """W + m alpha / R up down, in float64, into the weights."""
    weights = {target.name: target.weight for target in targets_of(*base)}
    for file, strength in files:
        for name in {key.split(".")[0] for key in file}:
            down, up, alpha = (
                file[f"{name}.{part}"].double() for part in ("lora_down.weight", "lora_up.weight", "alpha")
            )
            delta = strength * alpha / down.shape[0] * (up.flatten(1) @ down.flatten(1))
            weights[name].add_(delta.view(weights[name].shape))


def loss(base):
    family, unet, encoders = base
    texts = [encoder(torch.arange(9)[None], output_hidden_states=True).hidden_states[-1] for encoder in encoders]
    return sum(states.square().mean() for states in (unet(**unet_inputs(family)).sample, *texts))


def test_outputs_and_gradients_are_those_on_merged_weights(base):
    files = [(file_for(base, seed), strength) for seed, strength in ((5, 0.5), (6, -0.75))]
    before, plain = insides(base), outputs(base)
    (family, unet, encoders), below = base, above(base, files)
    stacked = Network.from_tensors(network_for(base, seed=1).tensors(), family, unet, encoders, below=below)
    with stacked.attached():
        out = outputs(base)
        loss(base).backward()
    assert insides(base) == before
    assert torch.equal(outputs(base), plain)
    trained = {name: update.parameters() for name, update in stacked.layers.items()}
    merged = (base[0], *narrow_base(base[0]))
    merge(merged, files)
    alone = Network.from_tensors(stacked.tensors(), *merged)
    with alone.attached():
        torch.testing.assert_close(out, outputs(merged), rtol=1e-3, atol=1e-4)
        loss(merged).backward()
    for name, update in alone.layers.items():
        for part, parameter in update.parameters().items():
            torch.testing.assert_close(trained[name][part].grad, parameter.grad, rtol=1e-3, atol=1e-6)
    lower = [p for net in (below, below.below) for part in ("unet", "text_encoder") for p in net.parameters(part)]
    assert lower
    assert all(parameter.grad is None for parameter in lower)


@pytest.mark.parametrize("decomposed", [False, True])
@pytest.mark.parametrize("kind", NETWORK_TYPES)
def test_every_kind_does_above_others_what_it_does_on_merged_weights(kind, decomposed):
    base, merged = ("sd1", *narrow_base("sd1")), ("sd1", *narrow_base("sd1"))
    files = [(file_for(base, seed), strength) for seed, strength in ((5, 0.5), (6, -0.75))]
    merge(merged, files)
    config = NetworkConfig(network_type=kind, network_dim=2, network_alpha=2.0, conv_dim=2, dora_wd=decomposed)
    below = above(base, files)
    stacked, alone = Network(targets_of(*base), config, 0, below), Network(targets_of(*merged), config, 0)
    found, wanted = stacked.tensors(), alone.tensors()
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-4, atol=1e-4)
    chance = torch.Generator().manual_seed(3)
    moved = {key: tensor + 0.02 * torch.randn(tensor.shape, generator=chance) for key, tensor in wanted.items()
             if not key.endswith("alpha")}  # fmt: skip
    for network in (stacked, alone):
        network.load(wanted | moved)
        network.multiplier = 0.8
    with stacked.attached(), alone.attached():
        torch.testing.assert_close(outputs(base), outputs(merged), rtol=1e-3, atol=1e-3)


def test_weights_below_count_in_what_a_layer_reads_of_its_weight(base):
    files = [(file_for(base, seed), strength) for seed, strength in ((5, 0.5), (6, -0.75))]
    stacked = Network(targets_of(*base), CONFIG, seed=0, below=above(base, files))
    merged = (base[0], *narrow_base(base[0]))
    merge(merged, files)
    wanted = {target.name: target.weight for target in targets_of(*merged)}
    for name, update in stacked.layers.items():
        torch.testing.assert_close(update.target.weight, wanted[name], rtol=1e-5, atol=1e-5)
    assert stacked.tensors().keys() == file_for(base, 0).keys()


def test_paused_network_takes_those_below_with_it(base):
    plain, before = outputs(base), insides(base)
    stacked = Network(targets_of(*base), CONFIG, seed=0, below=above(base, [(file_for(base, 5), 1.0)]))
    with stacked.attached():
        on = outputs(base)
        with stacked.paused():
            assert insides(base) == before
            assert torch.equal(outputs(base), plain)
        assert torch.equal(outputs(base), on)
        stacked.multiplier = 0.0
        assert torch.equal(outputs(base), on)  # a fresh one changes nothing, at any strength
    assert insides(base) == before


@pytest.mark.parametrize("multiplier", [1.0, 0.0])
def test_attentions_of_open_clip_keep_what_is_below(multiplier):
    text, x = encoder(), torch.randn(5, 7, 24, generator=torch.Generator().manual_seed(2))
    base = "sdxl", torch.nn.Module(), [text]

    def made(seed, below=None, on=base):
        network = Network(targets_of(*on), NetworkConfig(network_dim=4, network_alpha=2.0), seed, below)
        chance = torch.Generator().manual_seed(seed)
        for parameter in network.parameters("text_encoder"):
            parameter.data.normal_(0, 0.3, generator=chance)
        return network

    lower = made(1)
    lower.multiplier = 0.5
    upper = made(2, made(3, lower))
    upper.multiplier = multiplier
    with upper.attached():
        out = run(text, x)
        out.square().sum().backward()
    other = encoder()
    weights = {target.name: target.weight for target in targets_of("sdxl", torch.nn.Module(), [other])}
    with torch.no_grad():
        for network in (lower, upper.below, upper):
            for name, update in network.layers.items():
                weights[name].add_(update.delta() * network.multiplier)
    torch.testing.assert_close(out, run(other, x), rtol=1e-4, atol=1e-4)
    assert all((p.grad is not None) == bool(multiplier) for p in upper.parameters("text_encoder"))
    assert "forward" not in text.transformer.resblocks[0].attn.__dict__
