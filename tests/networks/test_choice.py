from collections import Counter
from typing import Any

import pytest
from torch import nn

from lib_train.config.codec import config_of
from lib_train.config.layers import PRESETS
from lib_train.config.network import NetworkConfig
from lib_train.config.presets import PRESETS as PUBLISHED
from lib_train.errors import ConfigError
from lib_train.networks.choice import chosen, problems_in_choice
from lib_train.networks.kinds import kind_for
from lib_train.networks.network import Network
from lib_train.networks.ranks import rank_and_alpha
from lib_train.networks.targets import targets_of
from tests.bases import narrow_base, text_encoders_of, unet_of, without_memory

# As LyCORIS f49d30d counts them on models of full size: text encoders, U-Net.
COUNTS = {
    ("full", "sd1"): (72, 282), ("full-lin", "sd1"): (72, 230), ("attn-mlp", "sd1"): (72, 192),
    ("attn-only", "sd1"): (48, 128), ("unet-only", "sd1"): (0, 282), ("unet-transformer-only", "sd1"): (0, 192),
    ("unet-convblock-only", "sd1"): (0, 88), ("full", "sdxl"): (264, 788), ("full-lin", "sdxl"): (264, 750),
    ("attn-mlp", "sdxl"): (264, 722), ("attn-only", "sdxl"): (176, 560), ("unet-only", "sdxl"): (0, 788),
    ("unet-transformer-only", "sdxl"): (0, 722), ("unet-convblock-only", "sdxl"): (0, 66),
}  # fmt: skip


@pytest.fixture(scope="module")
def layers():
    """Of models of full size, by family."""
    with without_memory():
        families = ("sd1", "sd2", "sdxl")
        return {f: [t.layer for t in targets_of(f, unet_of(f), text_encoders_of(f))] for f in families}


def trained(layers, config):
    return [layer for layer in layers if kind_for(layer, config).size(layer, config)]


def test_locon_of_charframework_is_its_lora_layer_by_layer(layers):
    lora, locon = (config_of(PUBLISHED[name].settings).network for name in ("CharFramework", "CharFramework-LoCon"))
    assert len(trained(layers["sd1"], lora)) > 192 + 72  # more than attention and text encoder
    for layer in layers["sd1"]:
        assert kind_for(layer, locon) is kind_for(layer, lora)
        assert rank_and_alpha(layer, locon) == rank_and_alpha(layer, lora)


@pytest.mark.parametrize(("preset", "family"), COUNTS, ids=str)
def test_a_preset_of_lycoris_trains_as_many_layers_as_there(layers, preset, family):
    found = Counter(layer.part for layer in trained(layers[family], NetworkConfig(network_preset=preset)))
    assert (found["text_encoder"], found["unet"]) == COUNTS[preset, family]


def test_convolutions_of_a_preset_have_network_dim_where_they_have_none_of_their_own(layers):
    def ranks(**settings):
        config = NetworkConfig(network_dim=6, network_alpha=3, network_preset="unet-convblock-only", **settings)
        network = Network(targets_of("sd1", *narrow_base("sd1")), config, seed=0)
        return {(u.target.kind, len(u.parameters()["lora_down.weight"]), u.constants()["alpha"].item())
                 for u in network.layers.values()}  # fmt: skip

    assert ranks() == {("linear", 6, 3), ("conv1x1", 6, 3), ("conv3x3", 6, 3)}
    assert ranks(conv_dim=2) == {("linear", 6, 3), ("conv1x1", 6, 3), ("conv3x3", 2, 1)}


def test_layers_at_the_ends_of_the_unet_are_called_as_lycoris_and_the_webui_call_them(layers):
    for family in ("sd1", "sd2"):
        ends = [layer for layer in layers[family] if "_blocks_" not in layer.name and layer.part == "unet"]
        assert {(layer.name, layer.block) for layer in ends if "mid_block" not in layer.name} == {
            ("lora_unet_conv_in", "IN00"), ("lora_unet_conv_out", "BASE"),
            ("lora_unet_time_embedding_linear_1", "BASE"), ("lora_unet_time_embedding_linear_2", "BASE"),
        }  # fmt: skip


@pytest.mark.parametrize(("preset", "blocks"), [("b-lora", {"OUT00", "OUT01"}), ("b-lora-content", {"OUT00"}),
                                                ("b-lora-style", {"OUT01"})])  # fmt: skip
def test_b_lora_trains_the_attention_of_its_blocks(layers, preset, blocks):
    """Ten transformer blocks in each, with two attentions of four layers."""
    found = trained(layers["sdxl"], NetworkConfig(network_preset=preset))
    assert Counter(layer.block for layer in found) == dict.fromkeys(blocks, 80)
    assert {layer.name.rpartition("_to_")[2] for layer in found} == {"q", "k", "v", "out_0"}


def test_without_a_preset_nothing_is_trained_at_the_ends(layers):
    found = trained(layers["sd1"], NetworkConfig(network_type="locon"))
    assert Counter(layer.part for layer in found) == {"text_encoder": 72, "unet": 278}


def test_patterns_of_names_choose_among_what_is_trained(layers):
    def names(**patterns):
        return {layer.name for layer in layers["sd1"] if chosen(layer, NetworkConfig(**patterns))}

    assert {name.rpartition("_")[2] for name in names(network_layers="*_attn2_to_k; re:attn2_to_v$")} == {"k", "v"}
    assert len(names(network_layers="*_attn2_to_k;re:attn2_to_v$")) == 2 * 16
    assert names(network_layers="*_attn2_to_?", network_layers_exclude="re:_up_|_mid_") == {
        name for name in names() if "_attn2_to_" in name and "_down_" in name and not name.endswith("_out_0")
    }
    assert names(network_layers="*conv1") == set()
    assert len(names(network_layers="*conv1", conv_dim=4)) == 22


def test_a_regular_expression_that_is_none_is_named():
    with pytest.raises(ConfigError) as caught:
        NetworkConfig(network_layers=("*attn*", "re:attn("))
    (problem,) = caught.value.problems
    assert (problem.setting, problem.value) == ("network_layers", "re:attn(")
    assert "is no regular expression" in problem.remedy


def choosing(**settings: Any) -> NetworkConfig:
    return NetworkConfig(**settings)


@pytest.mark.parametrize("name", ["network_layers", "network_layers_exclude"])
def test_a_pattern_that_fits_no_name_is_told(layers, name):
    config = choosing(**{name: "*_attn1_*;*conv1"})
    (problem,) = problems_in_choice(layers["sd1"], config)
    assert (problem.setting, problem.value) == (name, "*conv1")
    assert not list(problems_in_choice(layers["sd1"], choosing(**{name: "*_attn1_*;*conv1"}, conv_dim=4)))


@pytest.mark.parametrize(("family", "beginning"), [("sd2", "lora_te_"), ("sdxl", "lora_te2_")])
def test_some_of_the_four_layers_that_the_webui_reads_together_are_refused(layers, family, beginning):
    (problem,) = problems_in_choice(layers[family], choosing(network_layers="*_attn2_*;*_[qv]_proj"))
    assert problem.setting == "network_layers"
    assert f"leaves only v, q of {beginning}text_model_encoder_layers_0_self_attn" in problem.remedy
    (problem,) = problems_in_choice(layers[family], choosing(network_layers_exclude="*_out_proj"))
    assert problem.setting == "network_layers_exclude"
    for whole in ("*_self_attn_*", "*_mlp_*", "lora_unet_*"):
        assert not list(problems_in_choice(layers[family], choosing(network_layers=whole)))
    assert not list(problems_in_choice(layers["sd1"], choosing(network_layers="*_[qv]_proj")))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_no_preset_leaves_out_some_of_the_four(layers, preset, family):
    config = NetworkConfig(network_preset=preset)
    assert not list(problems_in_choice(layers[family], config))
    fused = [layer for layer in trained(layers[family], config) if layer.fused]
    assert len(fused) in (0, {"sd1": 0, "sd2": 23 * 4, "sdxl": 32 * 4}[family])


def test_a_name_of_no_layer_here_is_no_end():
    unet = nn.Module()
    unet.add_module("conv_input", nn.Conv2d(4, 8, 3))
    assert targets_of("sd1", unet, []) == []
