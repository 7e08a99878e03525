"""What every kind of network keeps: the WebUI's formula at every weight, its gradients, and no trace of itself."""

import copy
import math
from typing import Any

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from lib_train.checkpoints.files import read_network, write_network
from lib_train.networks.kinds import KINDS, kind_for
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from tests.bases import narrow_base
from tests.fakes import fake_assembly
from tests.networks.kinds.ways import WAYS, config_of, drawn, fresh, pairs, parts_of, subject, trained, webui_delta
from tests.networks.test_network import outputs
from tests.training.test_trainer import finished, goes_on_as

each = pytest.mark.parametrize(("way", "layer"), [pytest.param(*pair, id=" on ".join(pair)) for pair in pairs()])
every = pytest.mark.parametrize("way", WAYS)


def merged(module: Any, parts: Any, multiplier: float) -> Any:
    """The layer with what the WebUI makes of its weight, float64."""
    out = copy.deepcopy(module).double()
    out.__dict__.pop("forward", None)
    out.weight.data += multiplier * webui_delta(parts, module.weight)
    if module.bias is not None:
        out.bias.data += multiplier * parts.get("diff_b", torch.zeros(()))
    return out


def test_every_kind_is_tried():
    assert {way.partition(",")[0] for way in WAYS} == {
        name
        for name, kind in KINDS.items()
        if kind.is_trained and name != "Norm"  # which stands on other layers
    }


@every
def test_settings_choose_the_kind(way):
    config, kind = config_of(way), KINDS[way.partition(",")[0]]
    layers = [target.layer for target in targets_of("sd1", *narrow_base("sd1"))]
    assert any(kind_for(layer, config) is kind for layer in layers)


@each
def test_delta_is_what_the_webui_adds(way, layer):
    module, update, network = trained(way, layer, dtype=torch.float64)
    delta = webui_delta(parts_of(network), module.weight)
    assert delta.abs().max() > 0.01
    torch.testing.assert_close(update.delta(), delta)


@each
@pytest.mark.parametrize("multiplier", [1.0, 0.5, -1.3])
@pytest.mark.parametrize("patched", [False, True])
def test_layer_computes_with_the_weight_that_the_webui_makes(way, layer, multiplier, patched):
    module, _, network = trained(way, layer, dtype=torch.float64)
    if patched:
        module.forward = (lambda forward: lambda x: forward(x))(module.forward)
    x, network.multiplier = subject(layer, torch.float64), multiplier
    with network.attached():
        found = module(x)
    torch.testing.assert_close(found, merged(module, parts_of(network), multiplier)(x))


@each
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_fresh_update_leaves_the_output_bit_equal_and_the_layer_as_it_was(way, layer, dtype):
    module, _, network = fresh(way, layer, dtype)
    before, keys, x = module(subject(layer, dtype)), set(module.__dict__), subject(layer, dtype)
    weight = module.weight.clone()
    with network.attached():
        assert torch.equal(module(x), before)
    drawn(network)
    with network.attached():
        assert not torch.equal(module(x), before)
    assert torch.equal(module(x), before)
    assert torch.equal(module.weight, weight)
    assert set(module.__dict__) == keys


@pytest.mark.parametrize(("way", "layer"), [(way, layer) for way, layer in pairs() if "DoRA" not in way])
@pytest.mark.parametrize("batch", [1, 60])
def test_gradients_are_finite_differences(way, layer, batch):
    """With few rows and with many, which may go another way; of the input as of the parts. DoRA's leave out a term."""
    module, update, network = trained(way, layer, dtype=torch.float64)
    x = subject(layer, torch.float64, batch=batch)
    x = (x if batch == 1 else x[..., :2, :2] if "conv" in layer else x).requires_grad_()
    network.multiplier = 0.7
    with network.attached():
        assert torch.autograd.gradcheck(
            lambda *inputs: module(inputs[0]), (x, *update.parameters().values()), fast_mode=True
        )


@pytest.mark.parametrize("way", [way for way, layer in pairs() if layer == "linear"])
def test_shares_of_an_attention_are_computed_alike(way):
    module, update, network = trained(way, "linear")
    x = subject("linear")
    found = update.linear(x, module.weight, module.bias, network)
    torch.testing.assert_close(found.double(), merged(module, parts_of(network), 1.0)(x.double()), atol=1e-4, rtol=1e-4)


@each
def test_nothing_of_the_size_of_the_weight_is_kept_for_the_backward_pass_but_the_weight(way, layer):
    module, update, network = trained(way, layer)
    kept: list[torch.Tensor] = []
    with network.attached(), torch.autograd.graph.saved_tensors_hooks(kept.append, lambda tensor: tensor):
        module(subject(layer, batch=1)[:, :, :2].requires_grad_() if "conv" in layer else subject(layer)[:1, :2])
    known = {tensor.data_ptr() for tensor in (module.weight, *update.parameters().values())}
    assert kept
    assert not [tensor for tensor in kept if tensor.numel() >= 40 * 24 and tensor.data_ptr() not in known]


@each
@pytest.mark.parametrize("autocast", [False, True])
def test_sixteen_bits_keep_their_type_and_give_float32_gradients(way, layer, autocast):
    module, update, network = trained(way, layer)
    x = subject(layer)
    wanted = merged(module, parts_of(network), 1.0)(x.double()).float()
    module.to(torch.bfloat16)
    with network.attached(), torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        out = module(x if autocast else x.bfloat16())
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.float(), wanted, atol=0.05 * wanted.abs().max().item(), rtol=0.05)
    out.float().square().sum().backward()
    for parameter in update.parameters().values():
        assert parameter.grad.dtype == torch.float32
        assert parameter.grad.any()


@each
def test_checkpointed_layers_with_dropouts_have_the_same_gradients(way, layer):
    found = []
    for checkpointed in (False, True):
        module, update, network = trained(way, layer, rank_dropout=0.4)
        network.begin_step(3)
        x = subject(layer).requires_grad_()
        with network.attached():
            out = checkpoint(module, x, use_reentrant=False) if checkpointed else module(x)
            out.square().sum().backward()
        found.append([x.grad, *(parameter.grad for parameter in update.parameters().values())])
    for ours, theirs in zip(*found, strict=True):
        assert torch.equal(ours, theirs)


@each
@pytest.mark.parametrize("dropout", ["rank_dropout", "module_dropout"])
def test_dropouts_act_where_gradients_are_recorded_and_by_the_step_alone(way, layer, dropout):
    rates: dict[str, Any] = {dropout: 0.5}
    module, _, network = trained(way, layer, **rates)
    x = subject(layer).requires_grad_()
    with network.attached():
        found = {step: torch.stack([_step(network, module, x, step) for _ in range(2)]) for step in range(40)}
        with torch.no_grad():
            preview = module(x)
    whole = merged(module, parts_of(network), 1.0)(x.double()).float()
    torch.testing.assert_close(preview, whole, atol=1e-4, rtol=1e-4)
    assert all(torch.equal(*twice) for twice in found.values())
    kinds = {tuple(twice.flatten().tolist()) for twice in found.values()}
    assert len(kinds) == 2 if dropout == "module_dropout" else len(kinds) > 2
    if dropout == "rank_dropout":
        mean = torch.stack([twice[0] for twice in found.values()]).mean(0)
        assert (mean - preview).abs().mean() < 0.5 * (preview - module(x)).abs().mean()


def _step(network, module, x, step):
    network.begin_step(step)
    return module(x).detach()


@every
def test_a_file_read_again_is_the_network_bit_for_bit(way, tmp_path):
    base = ("sd2", *narrow_base("sd2"))  # whose proj_in stand as convolutions in files
    targets = [t for number, t in enumerate(targets_of(*base)) if t.stored_as_conv or number % 6 == 0]
    network = drawn(Network(targets, config_of(way), seed=0), std=0.1)
    path = tmp_path / "a.safetensors"
    write_network(path, network.tensors(), {}, "float")
    file, _ = read_network(path)
    again, other = Network.from_tensors(file, *base), Network(targets, config_of(way), seed=1)
    other.load(file)
    with network.attached():
        found = outputs(base)
    with again.attached():
        assert torch.equal(outputs(base), found)
    for tensors in (again.tensors(), other.tensors()):
        assert all(torch.equal(tensors[name], tensor) for name, tensor in network.tensors().items())
        assert all(tensors[name].shape == tensor.shape for name, tensor in file.items())


@each
def test_tools_on_files_know_the_shape_and_where_the_delta_is_linear(way, layer):
    module, update, network = trained(way, layer)
    kind, parts = KINDS[way.partition(",")[0]], {part: tensor.float() for part, tensor in parts_of(network).items()}
    if kind.algebra is None:
        return
    if (shape := kind.algebra.shape(parts)) is not None or not kind.algebra.needs_weight:
        assert math.prod(shape or ()) == module.weight.numel()
    if kind.algebra.scaled is not None:
        scaled = kind.read(kind.algebra.scaled(parts, -1.5), update.target)
        torch.testing.assert_close(scaled.delta(), -1.5 * update.delta())
    if factors := kind.algebra.factors(parts, None):
        torch.testing.assert_close(factors[0] @ factors[1].flatten(1), update.delta().flatten(1), atol=1e-5, rtol=1e-5)


@every
def test_a_resumed_run_equals_the_one_that_went_on_bit_for_bit(way, pictures):
    dropouts = {"rank_dropout": 0.2, "module_dropout": 0.2}
    config = {"network_dim": 2, "network_alpha": 1.5, **WAYS[way], **dropouts, "conv_dim": 2}
    options: dict[str, Any] = {
        "network": config,
        "lr_scheduler": "cosine",
        "text_encoder_lr": 1e-3,
        "max_train_steps": 4,
    }
    losses, weights, state = finished(fake_assembly(pictures, **options), to_keep=2)
    assert list(losses) == [1, 2, 3, 4]
    assert goes_on_as(fake_assembly(pictures, **options), state, losses, weights)
