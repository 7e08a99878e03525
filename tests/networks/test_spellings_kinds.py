"""LoHa, LoKr and (IA)3 under PEFT's names: there and back, and what they add by the formula of the WebUI's reader."""

import json
import math

import pytest
import torch

from lib_train.errors import ModelFileError
from lib_train.network_kinds import kinds_of, layers_of, spelling_of
from lib_train.networks.kron import factorization
from lib_train.networks.spellings import to_diffusers, to_kohya, to_peft
from lib_train.vocabulary import FAMILIES
from tests.networks.kinds.ways import webui_delta
from tests.networks.test_spellings import FILES, GOLDEN, KOHYA, PATH, assert_same, pair

LAYER = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"


def filled(shape, number):
    """Numbers of which no two parts have the same, exact in every type; large ones share memory."""
    return torch.tensor(1 + number % 512 / 256).expand(shape)


def loha(out, into, kernel, number):
    return {"hada_w1_a": (out, 2), "hada_w1_b": (2, into * math.prod(kernel)),
            "hada_w2_a": (out, 2), "hada_w2_b": (2, into * math.prod(kernel)), "alpha": ()}  # fmt: skip


def loha_tucker(out, into, kernel, number):
    if math.prod(kernel) == 1:
        return loha(out, into, kernel, number)
    outer = {f"hada_w{half}_a": (2, out) for half in (1, 2)} | {f"hada_w{half}_b": (2, into) for half in (1, 2)}
    return outer | {"hada_t1": (2, 2, *kernel), "hada_t2": (2, 2, *kernel), "alpha": ()}


def lokr(out, into, kernel, number):
    (o, p), (i, q) = factorization(out, 8), factorization(into, 8)
    return {"lokr_w1": (o, i), "lokr_w2_a": (p, 2), "lokr_w2_b": (2, q * math.prod(kernel)), "alpha": ()}


def lokr_halved(out, into, kernel, number):
    (o, p), (i, q) = factorization(out, -1), factorization(into, -1)
    first = {"lokr_w1_a": (o, 2), "lokr_w1_b": (2, i)} if max(o, i) > 4 else {"lokr_w1": (o, i)}
    return first | {"lokr_w2_a": (p, 2), "lokr_w2_b": (2, q * math.prod(kernel)), "alpha": ()}


def lokr_tucker(out, into, kernel, number):
    (o, p), (i, q) = factorization(out, 4), factorization(into, 4)
    if math.prod(kernel) == 1:
        return {"lokr_w1": (o, i), "lokr_w2": (p, q, *kernel), "alpha": ()}
    return {"lokr_w1": (o, i), "lokr_w2_a": (2, p), "lokr_w2_b": (2, q), "lokr_t2": (2, 2, *kernel), "alpha": ()}


def ia3(out, into, kernel, number):
    inwards = bool(kernel) or number % 2 == 1
    return {"weight": (1, into, *kernel[:2]) if len(kernel) == 2 else (into if inwards else out,), "on_input": inwards}


def golden(family, made, alpha=2.0):
    """A file of a kind with the layers that sd-scripts trains."""
    file = {}
    for number, (name, shapes) in enumerate(json.loads((GOLDEN / FILES[family]).read_text()).items()):
        out, (into, *kernel) = shapes["up"][0], shapes["down"][1:]
        if family == "sd2" and name.endswith(("proj_in", "proj_out")):
            kernel = []  # which are no convolutions there
        kernel = [1] * len(kernel) if made is ia3 else kernel
        for part, shape in made(out, into, tuple(kernel), number).items():
            if part == "on_input":
                file[f"{name}.{part}"] = torch.tensor(int(shape))
            elif part == "alpha":
                file[f"{name}.{part}"] = torch.tensor(alpha + (number % 2 if made in (loha, loha_tucker) else 0))
            else:
                file[f"{name}.{part}"] = filled(shape, number + len(part))
    return file


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("made", [loha, loha_tucker, lokr, lokr_halved, ia3])
def test_golden_keys_of_each_kind_come_back_bit_for_bit(family, made):
    file = golden(family, made)
    other = to_peft(file)
    assert not any(key.startswith("lora_") or key.endswith(".alpha") for key in other.tensors)
    assert spelling_of(other.tensors) == "PEFT's"
    assert_same(to_kohya(*other), file)


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_golden_keys_of_decomposed_lokr_come_back_bit_for_bit(family):
    file = golden(family, lokr_tucker)
    for key in [key for key in file if key.endswith(".lokr_w2")]:
        file[key.replace(".lokr_w2", ".alpha")] = torch.tensor(1.0)  # its rank, as readers take it
    assert_same(to_kohya(*to_peft(file)), file)


def test_factors_that_float32_cannot_hold_as_a_sum_with_1_come_back_bit_for_bit():
    chance = torch.Generator().manual_seed(0)
    weight = torch.randn(64, generator=chance) * torch.logspace(-6, 0, 64)
    file = {f"{KOHYA}_to_q.weight": weight, f"{KOHYA}_to_q.on_input": torch.tensor(0)}
    other = to_peft(file)
    assert other.tensors[f"unet.{PATH}.to_q.ia3_l"].dtype == torch.float64
    assert other.tensors[f"unet.{PATH}.to_q.ia3_l"].shape == (64, 1)
    assert_same(to_kohya(*other), file)


def of_lokr(whole=False):
    parts = {"lokr_w1": torch.eye(4), "lokr_w2": torch.ones(6, 10)}
    if not whole:
        parts = {"lokr_w1": torch.eye(4), "lokr_w2_a": torch.ones(6, 2), "lokr_w2_b": torch.ones(2, 10)}
    return {f"{LAYER}.{part}": tensor for part, tensor in parts.items()}


@pytest.mark.parametrize(
    ("config", "scale"),
    [
        ({}, 1.0),
        ({"r": 2, "alpha": 7}, 1.0),  # PEFT 0.10 to 0.13
        ({"r": 2, "alpha": 7, "rank_dropout_scale": False}, 3.5),  # 0.14: alpha / r
        ({"r": 4, "alpha": 7, "rank_pattern": {"to_q": 2}, "rank_dropout_scale": False}, 3.5),
        ({"r": 2, "alpha": 7, "alpha_pattern": {"to_q": 8}, "rank_dropout_scale": True}, 4.0),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_lokr_is_scaled_as_the_version_of_peft_does_that_wrote_it(config, scale, whole):
    found = to_kohya(of_lokr(whole), {"adapter_config": json.dumps(config)}, "sd1")
    parts = {key.partition(".")[2]: tensor for key, tensor in found.items()}
    wanted = torch.kron(torch.eye(4), torch.ones(6, 10) * (1 if whole else 2)).double() * scale
    assert torch.equal(webui_delta(parts, torch.zeros(24, 40)), wanted)


def test_names_of_adapters_and_owners_are_read():
    parts = {"hada_w1_a": (6, 4), "hada_w1_b": (4, 8), "hada_w2_a": (6, 4), "hada_w2_b": (4, 8)}
    wanted = {f"{KOHYA}_to_q.{part}" for part in (*parts, "alpha")}
    for owner in ("unet.", "base_model.model.unet.", "base_model.model.", "diffusion_model."):
        for adapter in ("", ".default", ".my-cat"):
            file = {f"{owner}{PATH}.to_q.{part}{adapter}": torch.ones(shape) for part, shape in parts.items()}
            assert to_kohya(file).keys() == wanted
            assert list(kinds_of(layers_of({key: tuple(t.shape) for key, t in file.items()}))) == ["LoHa"]
            spelling = "dotted" if owner == "diffusion_model." else "PEFT's"
            assert spelling_of(file) == spelling
    assert to_kohya({f"unet.{PATH}.to_q.ia3_l.default": torch.ones(6, 1)}).keys() == {
        f"{KOHYA}_to_q.weight", f"{KOHYA}_to_q.on_input"
    }  # fmt: skip


def test_alphas_in_tensors_come_before_those_of_a_configuration():
    file = of_lokr() | {f"{LAYER}.alpha": torch.tensor(3.0)}
    config = {"adapter_config": '{"alpha": 7, "r": 2, "rank_dropout_scale": false}'}
    assert float(to_kohya(file, config)[f"{KOHYA}_to_q.alpha"]) == 3.0


def test_factors_of_a_convolution_need_the_configuration():
    file = {"unet.down_blocks.0.resnets.0.conv1.ia3_l": torch.ones(1, 8, 1, 1)}
    with pytest.raises(
        ModelFileError, match=r"^unet\.down.*conv1: whether .* inputs or outputs stands in .*adapter_con"
    ):
        to_kohya(file, family="sd1")
    for ends, inwards in ((["conv1"], 1), ([], 0), (".*conv1", 1), ("x", 0)):
        config = {"adapter_config": json.dumps({"feedforward_modules": ends})}
        assert to_kohya(file, config, "sd1")["lora_unet_down_blocks_0_resnets_0_conv1.on_input"] == inwards
    with pytest.raises(ModelFileError, match="adapter configuration .* cannot be read"):
        to_kohya(file, {"adapter_config": '{"feedforward_modules": 3}'}, "sd1")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (loha(8, 8, (), 0) | {"dora_scale": (1, 8)}, "is of a kind .LoHa with DoRA. that these names"),
        ({"hada_w1_a": (8, 2), "hada_w1_b": (2, 8)}, "is of a kind .LoHa. that these names"),
        ({"lokr_w1": (2, 2), "lokr_w2_a": (4, 2)}, "is of a kind .LoKr. that these names"),
        ({"lokr_w1": (2, 2), "lokr_w2": (4, 4), "lokr_t1": (2, 2)}, "is of a kind .LoKr .Tucker.. that these names"),
    ],
)
def test_what_peft_has_not_is_refused_with_the_layer(file, message):
    with pytest.raises(ModelFileError, match=f"^{KOHYA}_to_q: {message}"):
        to_peft({f"{KOHYA}_to_q.{part}": torch.ones(shape) for part, shape in file.items()})


def test_other_kinds_than_lora_have_no_form_in_diffusers_names():
    file = {f"{KOHYA}_to_q.{part}": torch.ones(shape) for part, shape in loha(8, 8, (), 0).items()}
    with pytest.raises(ModelFileError, match=f"^{KOHYA}_to_q: is of a kind .LoHa. that these names"):
        to_diffusers(file)


def test_a_part_with_several_kinds_or_factors_is_refused():
    mixed = {f"{KOHYA}_to_q.{part}": torch.ones(shape) for part, shape in loha(8, 8, (), 0).items()}
    mixed |= {f"{KOHYA}_to_k.lora_down.weight": torch.ones(2, 8), f"{KOHYA}_to_k.lora_up.weight": torch.ones(8, 2)}
    with pytest.raises(ModelFileError, match="^unet: its layers are of several kinds"):
        to_peft(mixed)
    factors = {f"{KOHYA}_to_q.{part}": torch.ones(shape) for part, shape in lokr(64, 64, (), 0).items()}
    factors |= {f"{KOHYA}_to_k.lokr_w1": torch.ones(2, 2), f"{KOHYA}_to_k.lokr_w2": torch.ones(32, 32)}
    with pytest.raises(ModelFileError, match="^unet: its LoKr layers are divided by several factors"):
        to_peft(factors)


def test_scale_of_lokr_goes_into_its_first_factor_in_float32_where_its_type_would_round():
    parts = {"lokr_w1": torch.full((2, 2), 1.0), "lokr_w2_a": torch.ones(4, 2), "lokr_w2_b": torch.ones(2, 4)}
    for alpha, kind in ((1.0, torch.float16), (0.7, torch.float32)):
        file = {f"{KOHYA}_to_q.{part}": tensor.half() for part, tensor in parts.items()}
        file[f"{KOHYA}_to_q.alpha"] = torch.tensor(alpha)
        first = to_peft(file).tensors[f"unet.{PATH}.to_q.lokr_w1"]
        assert first.dtype == kind
        assert float(first[0, 0]) == pytest.approx(alpha / 2, rel=1e-6)


ALIKE = ("lora_unet_input_blocks_1_0_in_layers_2", "lora_unet_down_blocks_0_resnets_0_conv1",
         "lora_te_text_model_encoder_layers_3_mlp_fc1", "lora_te1_text_model_encoder_layers_3_mlp_fc1")  # fmt: skip
"""Layers whose names in diffusers every family has."""


@pytest.mark.parametrize("name", ALIKE)
@pytest.mark.parametrize("spelled", [to_peft, to_diffusers])
def test_layers_that_every_family_has_come_back_under_their_own_familys_names(name, spelled):
    file = pair(name, "lora_down.weight", "lora_up.weight") | {f"{name}.alpha": torch.tensor(2.0)}
    other = spelled(file)
    assert other.metadata["train_tools.names_of"] == ("sdxl" if "input_blocks" in name or "te1" in name else "sd1")
    assert_same(to_kohya(*other), file)


@pytest.mark.parametrize("family", FAMILIES)
def test_names_that_tell_their_family_say_nothing_more(family):
    assert set(to_peft(golden(family, loha)).metadata) == {"lora_adapter_metadata"}


def test_a_family_that_is_known_is_written_down_where_the_names_do_not_tell_it():
    name = ALIKE[1]
    file = pair(name, "lora_down.weight", "lora_up.weight") | {f"{name}.alpha": torch.tensor(2.0)}
    assert to_peft(file, "sd2").metadata["train_tools.names_of"] == "sd2"
