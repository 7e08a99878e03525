import pytest
import torch
from torch import nn

from lib_train.checkpoints import metadata
from lib_train.config.codec import config_of
from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.networks.kinds import KINDS
from lib_train.networks.network import Network
from lib_train.networks.targets import Target, targets_of
from tests.bases import narrow_base
from tests.checkpoints.test_metadata import facts
from tests.networks.test_attention import encoder, run

DORA = NetworkConfig(network_type="dora", network_dim=4, network_alpha=2.0)


def target_on(module):
    return Target("lora_unet_x", module.requires_grad_(False), "unet", "IN04", "linear")


def test_lengths_of_a_base_in_sixteen_bits_are_those_of_its_weights_in_full():
    module = nn.Linear(600, 50).half()
    update = KINDS["DoRA"].create(target_on(module), DORA, 0)
    wanted = module.weight.double().square().sum(0).sqrt()
    assert update.parameters()["dora_scale"].dtype == torch.float32
    torch.testing.assert_close(update.parameters()["dora_scale"].double(), wanted, rtol=1e-6, atol=0)


def test_a_layer_with_a_column_of_zeros_has_no_lengths_as_the_webui_would_divide_by_them():
    module = nn.Linear(6, 4)
    module.weight.data[:, 2] = 0
    assert list(KINDS["DoRA"].create(target_on(module), DORA, 0).parameters()) == ["lora_down.weight", "lora_up.weight"]


@pytest.mark.parametrize("shape", [(6, 1), (4, 1), (6,), (1, 1, 6, 1)])
def test_lengths_of_anything_but_inputs_are_refused(shape):
    target = target_on(nn.Linear(6, 4))
    network = Network((), NetworkConfig(), seed=0)
    network.layers = {target.name: KINDS["DoRA"].create(target, DORA, 0)}
    file = network.tensors() | {"lora_unet_x.dora_scale": torch.ones(shape)}
    with pytest.raises(ModelFileError, match=r"lora_unet_x.dora_scale has shape \("):
        network.load(file)


def test_lengths_stand_in_files_in_the_shape_that_is_multiplied_with_the_weight():
    """Which is linear in SD2's projections, though the matrices stand there as convolutions."""
    unet, _ = narrow_base("sd2")
    targets = targets_of("sd2", unet, [])
    chosen = [
        next(t for t in targets if t.stored_as_conv),
        next(t for t in targets if t.in_resnet and t.kind == "conv3x3"),
    ]
    tensors = Network(chosen, NetworkConfig(network_type="dora", network_dim=1, conv_dim=1), seed=0).tensors()
    shapes = {key.partition(".")[2]: tuple(t.shape) for key, t in tensors.items() if chosen[0].name in key}
    assert shapes == {"lora_down.weight": (1, 32, 1, 1), "lora_up.weight": (32, 1, 1, 1), "dora_scale": (1, 32),
                      "alpha": ()}  # fmt: skip
    assert tensors[f"{chosen[1].name}.dora_scale"].shape == (1, chosen[1].weight.shape[1], 1, 1)


def test_an_attention_computes_with_the_lengths_of_each_of_its_four_layers():
    text, x = encoder(2), torch.randn(5, 2, 24, generator=torch.Generator().manual_seed(2))
    network = Network(targets_of("sd2", nn.Module(), [text], parts=("text_encoder",)), DORA, seed=0)
    chance = torch.Generator().manual_seed(3)
    for parameter in network.parameters("text_encoder"):
        parameter.data += torch.randn(parameter.shape, generator=chance) * 0.3
    network.multiplier = 0.6
    with torch.no_grad():
        with network.attached():
            found = run(text, x)
        for name, update in network.layers.items():
            file = {key: tensor for key, tensor in network.tensors().items() if key.startswith(name + ".")}
            down, up = (file[f"{name}.lora_{which}.weight"] for which in ("down", "up"))
            whole = update.target.weight + 0.5 * up @ down
            whole = whole * file[f"{name}.dora_scale"] / whole.norm(dim=0, keepdim=True)
            update.target.weight.lerp_(whole, 0.6)
        torch.testing.assert_close(found, run(text, x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("settings", [{"network_type": "dora"}, {"dora_wd": True}])
def test_both_settings_are_dora_in_metadata(settings):
    found = metadata.network_metadata(config_of(settings), facts(), stem="a", step=1, epoch=1)
    assert found["ss_network_module"] == "lycoris.kohya"
    assert found["ss_network_args"] == '{"algo": "lora", "preset": "attn-mlp", "dora_wd": true, "wd_on_output": false}'
