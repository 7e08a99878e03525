import json
import re
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import nn

from lib_train.config.network import NetworkConfig
from lib_train.networks import targets as networks_targets
from lib_train.networks.network import Network
from lib_train.networks.targets import PARTS
from lib_train.vocabulary import BLOCKS, FAMILIES
from tests.bases import narrow_base, text_encoders_of, unet_of, without_memory

GOLDEN = {"sd1": "golden_keys_sd15.json", "sd2": "golden_keys_sd2.json", "sdxl": "golden_keys_sdxl.json"}


def golden(family):
    return json.loads((Path(__file__).parents[1] / "golden" / GOLDEN[family]).read_text(encoding="utf-8"))


def targets_of(*model, **options):
    """Without what LyCORIS alone trains, which tests/networks/test_choice.py looks at."""
    others = re.compile("_conv_(in|out)$|_time_embedding_")
    found = networks_targets.targets_of(*model, **options)
    return [target for target in found if target.kind != "norm" and not others.search(target.name)]


@pytest.mark.parametrize("family", FAMILIES)
def test_full_size_models_give_the_names_and_shapes_of_sd_scripts(family):
    with without_memory():
        unet, encoders = unet_of(family), text_encoders_of(family)
    everything = golden(family)
    for conv in (True, False):
        targets = targets_of(family, unet, encoders)
        config = NetworkConfig(network_dim=16, conv_dim=4 if conv else None)
        tensors = Network(targets, config, seed=0).tensors()
        wanted = {name: entry for name, entry in everything.items() if conv or not entry["conv_dim_only"]}
        shapes = {}
        for name, entry in wanted.items():
            shapes[f"{name}.lora_down.weight"] = entry["down"]
            shapes[f"{name}.lora_up.weight"] = entry["up"]
            shapes[f"{name}.alpha"] = []
        assert {key: list(tensor.shape) for key, tensor in tensors.items()} == shapes


def ldm_layers(family):
    """Names and layers of an ldm-named U-Net: which blocks have what, as counted on the WebUI's own modules."""
    if family == "sdxl":
        depth = {f"input_blocks.{n}.1": 2 for n in (4, 5)} | {f"input_blocks.{n}.1": 10 for n in (7, 8)}
        depth |= {"middle_block.1": 10} | {f"output_blocks.{n}.1": 10 if n < 3 else 2 for n in range(6)}
        resnets = [f"input_blocks.{n}.0" for n in (1, 2, 4, 5, 7, 8)] + [f"output_blocks.{n}.0" for n in range(9)]
        resamplers = ["input_blocks.3.0.op", "input_blocks.6.0.op", "output_blocks.2.2.conv", "output_blocks.5.2.conv"]
        widening = [4, 7]
        others = ["label_emb.0.0", "label_emb.0.2"]
    else:
        places = [f"input_blocks.{n}.1" for n in (1, 2, 4, 5, 7, 8)] + [f"output_blocks.{n}.1" for n in range(3, 12)]
        depth = dict.fromkeys([*places, "middle_block.1"], 1)
        resnets = [f"input_blocks.{n}.0" for n in (1, 2, 4, 5, 7, 8, 10, 11)]
        resnets += [f"output_blocks.{n}.0" for n in range(12)]
        resamplers = [f"input_blocks.{n}.0.op" for n in (3, 6, 9)]
        resamplers += ["output_blocks.2.1.conv", "output_blocks.5.2.conv", "output_blocks.8.2.conv"]
        widening = [4, 7]
        others = []
    narrowing = [name for name in resnets if name.startswith("output_blocks")]
    layers = dict.fromkeys(["time_embed.0", "time_embed.2", *others], "linear")
    layers |= dict.fromkeys(["input_blocks.0.0", "out.2", *resamplers], "conv3x3")
    for block in [*resnets, "middle_block.0", "middle_block.2"]:
        layers |= {f"{block}.in_layers.2": "conv3x3", f"{block}.emb_layers.1": "linear"}
        layers[f"{block}.out_layers.3"] = "conv3x3"
        if block in narrowing or block in [f"input_blocks.{n}.0" for n in widening]:
            layers[f"{block}.skip_connection"] = "conv1x1"
    for block, count in depth.items():
        for end in ("proj_in", "proj_out"):
            layers[f"{block}.{end}"] = "conv1x1" if family == "sd1" else "linear"
        for n in range(count):
            inner = [f"{attn}.{to}" for attn in ("attn1", "attn2") for to in ("to_q", "to_k", "to_v", "to_out.0")]
            for layer in (*inner, "ff.net.0.proj", "ff.net.2"):
                layers[f"{block}.transformer_blocks.{n}.{layer}"] = "linear"
    return layers


def counted(blocks):
    """{"IN01 IN02": 12} -> 12 for each of the two."""
    return {block: count for names, count in blocks.items() for block in names.split()}


# Derived from the U-Net's structure. An attention block has proj_in, proj_out and ten layers in each transformer block;
# a resnet two convolutions and emb_layers, and a skip_connection where channels change; a resampler one convolution.
# Of SD1.5 each attention block has one transformer block; of SDXL two on the second level and ten on the third.
IN_ATTENTION = {
    "sd1": counted({
        "BASE": 12 * 6, "IN01 IN02 IN04 IN05 IN07 IN08 M00": 12,
        "OUT03 OUT04 OUT05 OUT06 OUT07 OUT08 OUT09 OUT10 OUT11": 12,
    }),
    "sdxl": counted({
        "BASE": (12 + 32) * 6, "IN04 IN05 OUT03 OUT04 OUT05": 2 + 2 * 10,
        "IN07 IN08 M00 OUT00 OUT01 OUT02": 2 + 10 * 10,
    }),
}  # fmt: skip
IN_RESNETS = {
    "sd1": counted({
        "IN01 IN02 IN05 IN08 IN10 IN11": 3, "IN04 IN07": 4, "IN03 IN06 IN09": 1, "M00": 6,
        "OUT00 OUT01 OUT03 OUT04 OUT06 OUT07 OUT09 OUT10 OUT11": 4, "OUT02 OUT05 OUT08": 5,
    }),
    "sdxl": counted({
        "IN01 IN02 IN05 IN08": 3, "IN04 IN07": 4, "IN03 IN06": 1, "M00": 6,
        "OUT00 OUT01 OUT03 OUT04 OUT06 OUT07 OUT08": 4, "OUT02 OUT05": 5,
    }),
}  # fmt: skip


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_every_block_of_a_full_size_model_has_its_layers(family):
    with without_memory():
        targets = targets_of(family, unet_of(family), text_encoders_of(family))
    for in_resnet, wanted in ((False, IN_ATTENTION), (True, IN_RESNETS)):
        assert Counter(t.block for t in targets if t.in_resnet == in_resnet) == wanted[family]


@pytest.mark.parametrize("family", FAMILIES)
def test_block_of_every_golden_name_is_that_of_its_ldm_name(family):
    """By the places that stand in the name itself: diffusers' levels of SD1 and SD2, ldm's blocks of SDXL."""
    with without_memory():
        targets = targets_of(family, unet_of(family), text_encoders_of(family))
    assert {t.name: t.block for t in targets} == {name: block_by_name(name) for name in golden(family)}


def block_by_name(name):
    if name.startswith("lora_te"):
        return "BASE"
    if "_mid_block_" in name or "_middle_block_" in name:
        return "M00"
    if found := re.search(r"_(in|out)put_blocks_(\d+)_", name):
        return f"{found[1].upper()}{int(found[2]):02}"
    found = re.search(r"_(down|up)_blocks_(\d)_(resnets|attentions|downsamplers|upsamplers)_(\d)_", name)
    assert found, name
    level, place = int(found[2]), 2 if found[3].endswith("samplers") else int(found[4])
    return f"IN{1 + 3 * level + place:02}" if found[1] == "down" else f"OUT{3 * level + place:02}"


def test_blocks_do_not_depend_on_whose_names_the_unet_has():
    unet, _ = narrow_base("sdxl")
    by_ldm = {t.name: t.block for t in targets_of("sdxl", built(ldm_layers("sdxl")), [])}
    by_diffusers = {t.name: t.block for t in targets_of("sdxl", unet, [])}
    assert by_diffusers.items() <= by_ldm.items()  # the narrow one has fewer transformer blocks
    assert set(by_diffusers.values()) == set(by_ldm.values())


def built(layers):
    root = nn.Module()
    for name, kind in layers.items():
        *path, last = name.split(".")
        parent = root
        for step in path:
            if step not in dict(parent.named_children()):
                parent.add_module(step, nn.Module())
            parent = parent.get_submodule(step)
        side = {"conv1x1": 1, "conv3x3": 3}.get(kind)
        parent.add_module(last, nn.Conv2d(2, 2, side) if side else nn.Linear(2, 2))
    return root


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("conv", [True, False])
def test_ldm_named_unet_gives_the_names_of_sd_scripts(family, conv):
    unet = built(ldm_layers(family))
    targets = [t for t in targets_of(family, unet, []) if conv or not t.in_resnet]
    wanted = {
        name: len(entry["down"])
        for name, entry in golden(family).items()
        if name.startswith("lora_unet") and (conv or not entry["conv_dim_only"])
    }
    stored = {t.name: 2 if t.kind == "linear" and not t.stored_as_conv else 4 for t in targets}
    assert stored == wanted


def test_both_namings_of_a_unet_mean_the_same_layers():
    unet, _ = narrow_base("sd1")
    by_diffusers = {t.name: t.kind for t in targets_of("sd1", unet, [])}
    by_ldm = {t.name: t.kind for t in targets_of("sd1", built(ldm_layers("sd1")), [])}
    assert by_ldm == by_diffusers


def test_a_layer_that_no_table_knows_is_left_alone():
    unet = built({**ldm_layers("sd1"), "adapter.fc": "linear"})
    assert not [t for t in targets_of("sd1", unet, []) if "adapter" in t.name]


@pytest.mark.parametrize(("parts", "count"), [((), 0), (("unet",), 278), (("text_encoder",), 12), (PARTS, 290)])
def test_only_the_chosen_parts_are_trained(parts, count):
    unet, encoders = narrow_base("sd1")  # two text layers of six matrices each
    assert len(targets_of("sd1", unet, encoders, parts=parts)) == count


def test_sd2_projections_are_linear_layers_that_files_hold_as_convolutions():
    unet, _ = narrow_base("sd2")
    targets = targets_of("sd2", unet, [])
    as_conv = [t for t in targets if t.stored_as_conv]
    assert len(as_conv) == 32
    assert {t.kind for t in as_conv} == {"linear"}
    assert {t.name.rsplit("_", 2)[1] for t in as_conv} == {"proj"}
    tensors = Network(as_conv[:1], NetworkConfig(network_dim=3), seed=0).tensors()
    assert [tuple(tensor.shape) for tensor in tensors.values()] == [(3, 32, 1, 1), (32, 3, 1, 1), ()]
    assert all(tensor.dtype == torch.float32 for tensor in tensors.values())


def kohyas_place(key, family):
    """The place of a U-Net's layer in the lists of sd-scripts, by its key: networks/lora.py, get_block_index."""
    if family == "sdxl":
        found = re.match(r"lora_unet_(input_blocks|middle_block|output_blocks)_(\d+)_", key)
        assert found is not None
        side, place = found.groups()
        return {"input_blocks": 1, "middle_block": 10, "output_blocks": 13}[side] + int(place)
    if "mid_block" in key:
        return 12
    found = re.search(r"(up|down)_blocks_(\d)_(resnet|upsample|downsample|attention)r?s_(\d)", key)
    assert found is not None
    side, level, kind, place = found.groups()
    return {"down": 1, "up": 13}[side] + 3 * int(level) + (2 if kind.endswith("sample") else int(place))


@pytest.mark.parametrize("family", FAMILIES)
def test_layers_stand_in_the_block_that_sd_scripts_counts_them_in(family):
    with without_memory():
        unet = unet_of(family)
    found = {target.name: target.layer.counted_block for target in targets_of(family, unet, ())}
    assert found == {key: BLOCKS[family][kohyas_place(key, family)] for key in found}
    assert found.keys() == {key for key in golden(family) if key.startswith("lora_unet")}
