from collections import Counter
from collections.abc import Callable

import pytest
import torch
from torch import nn

from lib_train.checkpoints import metadata
from lib_train.checkpoints.files import read_network, write_network
from lib_train.config.codec import config_of
from lib_train.config.network import NetworkConfig
from lib_train.errors import ModelFileError
from lib_train.networks.keys import ldm_unet_name
from lib_train.networks.kinds import kind_for
from lib_train.networks.kinds.norm import KIND
from lib_train.networks.network import Network
from lib_train.networks.targets import Target, targets_of
from tests.bases import narrow_base, text_encoders_of, unet_of, without_memory
from tests.checkpoints.test_metadata import facts

NORMS = NetworkConfig(train_norm=True)


class InFull(nn.GroupNorm):
    """As ldm's, which computes in float32 whatever comes."""

    def forward(self, x):
        return super().forward(x.float()).type(x.dtype)


MODULES: dict[str, Callable[[], nn.LayerNorm | nn.GroupNorm]] = {
    "LayerNorm": lambda: nn.LayerNorm(6),
    "GroupNorm": lambda: nn.GroupNorm(2, 6),
    "GroupNorm of ldm": lambda: InFull(2, 6),
}


def subject(name):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        module = MODULES[name]().requires_grad_(False)
        module.weight.normal_(1, 0.1)
        module.bias.normal_(0, 0.1)
        update = KIND.create(Target("lora_unet_norm", module, "unet", "IN04", "norm"), NORMS, 0)
        for parameter in update.parameters().values():
            parameter.data.normal_(0, 0.3)
        x = torch.randn((2, 5, 6) if name == "LayerNorm" else (2, 6, 5, 5))
    network = Network((), NORMS, seed=0)
    network.layers = {"lora_unet_norm": update}
    return module, network, x


def wanted(module, network, x):
    """By the definition of either norm, in float64."""
    w, b = (p.double() for p in network.layers["lora_unet_norm"].parameters().values())
    groups, m = getattr(module, "num_groups", None), network.multiplier
    parts = x.double() if groups is None else x.double().unflatten(1, (groups, -1))
    axes = [-1] if groups is None else [2, 3, 4]
    normal = (parts - parts.mean(axes, keepdim=True)) / (
        parts.var(axes, keepdim=True, unbiased=False) + module.eps
    ).sqrt()
    sides = (-1,) if groups is None else (-1, 1, 1)
    weight, bias = module.weight.double() + m * w, module.bias.double() + m * b
    return normal.reshape(x.shape) * weight.view(sides) + bias.view(sides)


@pytest.mark.parametrize("multiplier", [0.4, 1.0])
@pytest.mark.parametrize("name", MODULES)
def test_a_norm_computes_with_what_is_added_to_its_weight_and_bias(name, multiplier):
    module, network, x = subject(name)
    network.multiplier, parameters = multiplier, network.parameters("unet")
    x.requires_grad_()
    with network.attached():
        out = module(x)
    dense = wanted(module, network, x)
    torch.testing.assert_close(out.double(), dense, atol=1e-5, rtol=1e-5)
    slope = torch.randn(out.shape, generator=torch.Generator().manual_seed(3))
    found = torch.autograd.grad(out, [x, *parameters], slope)
    for ours, theirs in zip(found, torch.autograd.grad(dense, [x, *parameters], slope.double()), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("name", MODULES)
def test_small_updates_are_not_rounded_away_in_sixteen_bits(name, dtype, autocast):
    """A thousandth of a weight near 1 is below bf16's step there."""
    module, network, x = subject(name)
    for parameter in network.parameters("unet"):
        parameter.data.fill_(1e-3)
    module, x = module if isinstance(module, InFull) else module.to(dtype), x.to(dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast), network.attached():
        out = module(x)
    out.float().sum().backward()
    assert out.dtype == module(x).dtype
    weight, bias = (p.grad for p in network.parameters("unet"))
    assert weight.dtype == torch.float32
    torch.testing.assert_close(bias, torch.full((6,), x.numel() / 6))
    torch.testing.assert_close(out.double(), wanted(module, network, x), atol=0.05, rtol=0.02)


def names_of(family, **settings):
    with without_memory():
        targets = targets_of(family, unet_of(family), text_encoders_of(family))
    layers, config = [target.layer for target in targets], NetworkConfig(**settings)
    norms = [layer for layer in layers if layer.kind == "norm"]
    return [layer.name for layer in norms if kind_for(layer, config).size(layer, config)]


@pytest.mark.parametrize(
    ("settings", "text", "attention", "resnets"),
    [
        ({}, 0, 0, 0),
        ({"train_norm": True}, 24, 64, 0),
        ({"train_norm": True, "conv_dim": 4}, 24, 64, 44),
        ({"train_norm": True, "network_preset": "full"}, 24, 64, 44),
        ({"train_norm": True, "network_preset": "unet-convblock-only"}, 0, 0, 44),
        ({"train_norm": True, "network_preset": "attn-only"}, 0, 0, 0),
        ({"train_norm": True, "block_dims": (0,) * 25}, 24, 0, 0),
    ],
)
def test_norms_are_trained_in_blocks_that_are_trained(settings, text, attention, resnets):
    """SD1 has 16 attention blocks with four norms, 22 resnets with two, 12 layers of text with two."""
    found = Counter(
        "text" if "_te_" in name else "attention" if "_attentions_" in name else "resnets"
        for name in names_of("sd1", **settings)
    )
    assert (found["text"], found["attention"], found["resnets"]) == (text, attention, resnets)


def test_names_are_those_that_the_webui_finds():
    """It knows CLIP-L's norms by transformers' names, and open_clip's by none that another program writes."""
    sd1, sdxl = (names_of(family, train_norm=True, conv_dim=4) for family in ("sd1", "sdxl"))
    assert {
        "lora_te_text_model_encoder_layers_11_layer_norm2", "lora_unet_down_blocks_0_attentions_0_norm",
        "lora_unet_mid_block_attentions_0_transformer_blocks_0_norm3", "lora_unet_up_blocks_3_resnets_2_norm1",
    } < {*sd1}  # fmt: skip
    assert {
        "lora_te1_text_model_encoder_layers_0_layer_norm1", "lora_unet_input_blocks_1_0_in_layers_0",
        "lora_unet_output_blocks_8_0_out_layers_0", "lora_unet_middle_block_1_norm",
        "lora_unet_input_blocks_4_1_transformer_blocks_1_norm2",
    } < {*sdxl}  # fmt: skip
    assert not [name for name in sdxl if name.startswith("lora_te2_")]
    assert not [name for name in names_of("sd2", train_norm=True) if name.startswith("lora_te_")]
    assert not [name for name in (*sd1, *sdxl) if "final" in name or "norm_out" in name]


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_unet_with_ldm_names_has_the_same_norms(family):
    unet, _ = narrow_base(family)
    root = nn.Module()
    for target in (t for t in targets_of(family, unet, []) if t.kind == "norm"):
        path = next(path for path, module in unet.named_modules() if module is target.module)
        *above, last = ldm_unet_name(path, family).split(".")
        parent = root
        for step in above:
            if step not in dict(parent.named_children()):
                parent.add_module(step, nn.Module())
            parent = parent.get_submodule(step)
        parent.add_module(last, target.module)
    by_ldm = {t.name: (t.module, t.block, t.in_resnet) for t in targets_of(family, root, [])}
    assert by_ldm == {
        t.name: (t.module, t.block, t.in_resnet) for t in targets_of(family, unet, []) if t.kind == "norm"
    }


@pytest.mark.parametrize("lacking", ["w_norm", "b_norm"])
def test_a_norm_with_one_part_is_refused_as_the_webui_reads_no_such_file(lacking):
    _, network, _ = subject("LayerNorm")
    file = {key: tensor for key, tensor in network.tensors().items() if not key.endswith(lacking)}
    with pytest.raises(ModelFileError, match=f"^lora_unet_norm.{lacking} is missing: the WebUI reads nothing"):
        network.load(file)


def test_bf16_keeps_norms_in_fp16(tmp_path):
    """The WebUI sums in the file's type, and a norm's weights are near 1."""
    _, network, _ = subject("LayerNorm")
    write_network(tmp_path / "a.safetensors", network.tensors(), {}, "bf16")
    assert {tensor.dtype for tensor in read_network(tmp_path / "a.safetensors")[0].values()} == {torch.float16}


def test_metadata_names_lycoris_which_alone_trains_norms():
    found = metadata.network_metadata(config_of({"train_norm": True}), facts(), stem="a", step=1, epoch=1)
    assert found["ss_network_module"] == "lycoris.kohya"
    assert found["ss_network_args"] == '{"algo": "lora", "preset": "attn-mlp", "train_norm": true}'
