from typing import Any

import pytest
import torch

from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.vocabulary import FAMILIES
from tests.bases import narrow_base, unet_inputs

PARTS = ("unet", "text_encoder")
CONFIG = NetworkConfig(network_dim=4, network_alpha=2.0, conv_dim=3)


@pytest.fixture(scope="module", params=FAMILIES)
def base(request):
    return (request.param, *narrow_base(request.param))


@pytest.fixture(scope="module")
def sd1():
    """A base model that each test leaves as it was."""
    return ("sd1", *narrow_base("sd1"))


def network_for(base, *, seed=0, config=CONFIG, trained=True):
    family, unet, encoders = base
    targets = targets_of(family, unet, encoders, parts=PARTS)
    network = Network(targets, config, seed)
    chance = torch.Generator().manual_seed(seed)
    for part in PARTS if trained else ():
        for parameter in network.parameters(part):
            parameter.data.normal_(0, 0.1, generator=chance)
    return network


def outputs(base):
    """What the U-Net and the first text encoder say, without gradients."""
    family, unet, encoders = base
    with torch.no_grad():
        hidden = encoders[0](torch.arange(10)[None]).last_hidden_state
        return torch.cat([unet(**unet_inputs(family)).sample.flatten(), hidden.flatten()])


def insides(base):
    """The instance dictionaries of all modules, hooks and all."""
    return [dict(module.__dict__) for root in (base[1], *base[2]) for module in root.modules()]


def test_fresh_network_leaves_the_output_unchanged(base):
    before = outputs(base)
    with network_for(base, trained=False).attached():
        torch.testing.assert_close(outputs(base), before, rtol=0, atol=1e-6)


def test_network_changes_the_output_only_while_attached(base):
    network, before, inside = network_for(base), outputs(base), insides(base)
    with network.attached():
        assert not torch.allclose(outputs(base), before, atol=1e-2)
        with network.paused():
            assert insides(base) == inside
            assert torch.equal(outputs(base), before)
        assert not torch.allclose(outputs(base), before, atol=1e-2)
    assert insides(base) == inside
    assert torch.equal(outputs(base), before)


def test_multiplier_zero_leaves_the_output_bit_equal(base):
    network, before = network_for(base), outputs(base)
    network.multiplier = 0.0
    with network.attached():
        assert torch.equal(outputs(base), before)
        network.multiplier = 1.0
        assert not torch.equal(outputs(base), before)


def test_network_equals_the_same_update_added_to_the_weights(base):
    network = network_for(base)
    network.multiplier = 0.7
    with network.attached():
        attached = outputs(base)
    with torch.no_grad():
        for layer in network.layers.values():
            layer.target.module.weight += 0.7 * layer.delta()
        merged = outputs(base)
        for layer in network.layers.values():
            layer.target.module.weight -= 0.7 * layer.delta()
    torch.testing.assert_close(attached, merged, atol=2e-4, rtol=1e-4)


def test_every_matrix_gets_a_gradient_and_the_base_none(base):
    family, unet, encoders = base
    network = network_for(base)
    with network.attached():
        ids = torch.arange(12)[None]
        hidden = [encoder(ids, output_hidden_states=True).hidden_states[-1] for encoder in encoders]
        inputs = unet_inputs(family, batch=1, size=16)
        inputs["encoder_hidden_states"] = torch.cat(hidden, dim=-1)
        unet(**inputs).sample.square().sum().backward()
    for part in PARTS:
        assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters(part))
        moving = [p for p in network.parameters(part) if p.grad.any()]
        assert len(moving) == len(network.parameters(part))
    assert all(p.grad is None for root in (unet, *encoders) for p in root.parameters())


@pytest.mark.parametrize("where", ["attached", "paused"])
def test_an_error_leaves_no_trace(sd1, where):
    network, inside = network_for(sd1), insides(sd1)

    def break_off():
        with network.attached():
            if where == "paused":
                with network.paused():
                    raise RuntimeError("broken off")
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        break_off()
    assert insides(sd1) == inside


def test_two_networks_nest_and_leave_in_turn(sd1):
    before = outputs(sd1)
    first, second = network_for(sd1, seed=1), network_for(sd1, seed=2)
    with first.attached():
        one, inside = outputs(sd1), insides(sd1)
        with second.attached():
            both = outputs(sd1)
            second.multiplier = 0.0
            assert torch.equal(outputs(sd1), one)
        assert insides(sd1) == inside
        assert torch.equal(outputs(sd1), one)
    assert not torch.allclose(both, one, atol=1e-2)
    assert torch.equal(outputs(sd1), before)


def test_networks_refuse_to_leave_out_of_turn():
    own = ("sd1", *narrow_base("sd1"))
    first, second = network_for(own, seed=1), network_for(own, seed=2)
    outer, inner = first.attached(), second.attached()
    outer.__enter__()
    inner.__enter__()
    with pytest.raises(AssertionError, match="attached later"):
        outer.__exit__(None, None, None)


def test_a_forward_that_was_there_before_comes_back():
    own = ("sd1", *narrow_base("sd1"))
    unet: Any = own[1]
    module = unet.mid_block.attentions[0].proj_in
    plain = module.forward

    def hooked(x):
        return plain(x)

    module.forward = hooked
    with network_for(own).attached():
        assert module.forward is not hooked
    assert module.__dict__["forward"] is hooked


def test_network_of_a_file_does_what_the_trained_one_did(base):
    family, unet, encoders = base
    network = network_for(base)
    file = {name: tensor.clone() for name, tensor in network.tensors().items()}
    with network.attached():
        trained = outputs(base)
    read = Network.from_tensors(file, family, unet, encoders)
    with read.attached():
        assert torch.equal(outputs(base), trained)
    assert {name: tensor.shape for name, tensor in read.tensors().items()} == {n: t.shape for n, t in file.items()}


def test_a_file_keeps_each_layers_own_rank_type_and_shape(sd1):
    family, unet, encoders = sd1
    name, other = "lora_unet_mid_block_attentions_0_proj_in", "lora_te_text_model_encoder_layers_0_mlp_fc1"
    file = {
        f"{name}.lora_down.weight": torch.ones(2, 128, dtype=torch.float16),
        f"{name}.lora_up.weight": torch.ones(128, 2, dtype=torch.float16),
        f"{other}.lora_down.weight": torch.ones(5, 64, 1, 1),
        f"{other}.lora_up.weight": torch.ones(256, 5, 1, 1),
        f"{other}.alpha": torch.tensor(1.0),
    }
    layers = Network.from_tensors(file, family, unet, encoders).layers
    matrices = {key: layer.parameters() for key, layer in layers.items()}
    shapes = {key: [tuple(matrix.shape) for matrix in found.values()] for key, found in matrices.items()}
    assert shapes == {name: [(2, 128, 1, 1), (128, 2, 1, 1)], other: [(5, 64), (256, 5)]}
    assert {matrix.dtype for found in matrices.values() for matrix in found.values()} == {torch.float32}
    assert {key: layer.delta().unique().item() for key, layer in layers.items()} == {name: 2.0, other: 1.0}


def test_a_file_of_another_family_is_rejected_by_its_names_or_sizes(sd1):
    file = network_for(sd1).tensors()
    with pytest.raises(
        ModelFileError, match=r"\d+ of the file's 290 layers are not in this base model or network \(lora_te_text"
    ):
        Network.from_tensors(file, "sdxl", *narrow_base("sdxl"))
    _, unet, encoders = sd1
    wide = {key: torch.cat([t, t], 1) if key.endswith("fc1.lora_down.weight") else t for key, t in file.items()}
    with pytest.raises(ModelFileError, match=r"fc1.lora_down.weight has shape \(4, 128\), this layer needs \(4, 64\)"):
        Network.from_tensors(wide, "sd1", unet, encoders)


def test_a_state_is_loaded_whole_or_not_at_all(sd1):
    network, other = network_for(sd1, seed=1), network_for(sd1, seed=2)
    kept = {name: tensor.clone() for name, tensor in network.tensors().items()}
    broken = other.tensors()
    last = [name for name in broken if name.endswith("up.weight")][-1]
    broken[last] = broken[last][:-1]
    with pytest.raises(ModelFileError, match=last):
        network.load(broken)
    assert all(torch.equal(tensor, kept[name]) for name, tensor in network.tensors().items())
    wanted = other.tensors()
    network.load(wanted)
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in network.tensors().items())


def test_alphas_of_a_state_are_taken_with_its_matrices(sd1):
    network = network_for(sd1)
    network.load({name: tensor * 3 if "alpha" in name else tensor for name, tensor in network.tensors().items()})
    assert {update.constants()["alpha"].item() for update in network.layers.values()} == {6.0, 3.0}


def test_a_state_of_other_layers_is_rejected(sd1):
    whole, lean = network_for(sd1), network_for(sd1, config=NetworkConfig(network_dim=4))
    with pytest.raises(ModelFileError, match="86 of the file's 290 layers are not in"):
        lean.load(whole.tensors())
    with pytest.raises(ModelFileError, match="lacks 86 of this network's 290 layers"):
        whole.load(lean.tensors())


def test_tensors_are_the_live_weights(sd1):
    network = network_for(sd1)
    tensors = network.tensors()
    for parameter in network.parameters("unet"):
        parameter.data.fill_(3.0)
    assert all((tensor == 3.0).all() for name, tensor in tensors.items() if "unet" in name and "alpha" not in name)


def test_loading_keeps_the_parameters_where_they_lie(sd1):
    network, other = network_for(sd1, seed=1), network_for(sd1, seed=2)
    places = [parameter.data_ptr() for parameter in network.parameters("unet")]
    network.load(other.tensors())
    assert [parameter.data_ptr() for parameter in network.parameters("unet")] == places


def test_first_matrices_do_not_depend_on_what_else_is_trained(sd1):
    whole = network_for(sd1, trained=False).tensors()
    family, unet, _ = sd1
    lean = Network(targets_of(family, unet, [], parts=("unet",)), NetworkConfig(network_dim=4), 0)
    assert all(torch.equal(tensor, whole[name]) for name, tensor in lean.tensors().items() if "lora_down" in name)


def test_resnet_projections_follow_network_dim_and_convolutions_conv_dim(sd1):
    updates = network_for(sd1).layers.values()
    ranks = {update.target.kind: len(next(iter(update.parameters().values()))) for update in updates}
    assert ranks == {"linear": 4, "conv1x1": 4, "conv3x3": 3}
    alphas = {update.target.kind: update.constants()["alpha"] for update in updates}
    assert alphas == {"linear": 2.0, "conv1x1": 2.0, "conv3x3": 1.0}
