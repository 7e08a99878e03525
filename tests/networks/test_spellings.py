import json
from pathlib import Path

import pytest
import torch
from peft.mapping import inject_adapter_in_model
from peft.tuners.lora.config import LoraConfig
from peft.utils.save_and_load import set_peft_model_state_dict

from lib_train.errors import ModelFileError
from lib_train.network_kinds import spelling_of
from lib_train.networks.spellings import to_diffusers, to_kohya, to_peft
from lib_train.vocabulary import FAMILIES
from tests.bases import narrow_base, text_encoders_of, unet_inputs, unet_of
from tests.networks.test_network import network_for

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = {"sd1": "golden_keys_sd15.json", "sd2": "golden_keys_sd2.json", "sdxl": "golden_keys_sdxl.json"}
PATH = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
KOHYA = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1"
TEXT = "text_model.encoder.layers.3.self_attn"


def golden(family, alpha=8.0):
    """A file as sd-scripts writes it, each tensor with numbers of its own; too large ones share memory."""
    out = {}
    for number, (name, shapes) in enumerate(json.loads((GOLDEN / FILES[family]).read_text()).items()):
        for part in ("down", "up"):
            out[f"{name}.lora_{part}.weight"] = torch.tensor(number + (0.5 if part == "up" else 0)).expand(shapes[part])
        out[f"{name}.alpha"] = torch.tensor(alpha + number % 2)
    return out


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    assert [key for key, tensor in wanted.items() if not torch.equal(found[key], tensor)] == []


def pair(name, down="lora_A.weight", up="lora_B.weight", width=(8, 6)):
    return {f"{name}.{down}": torch.arange(4.0 * width[0]).view(4, -1), f"{name}.{up}": torch.ones(width[1], 4)}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("spelled", [to_peft, to_diffusers])
def test_golden_keys_come_back_bit_for_bit_with_their_alphas(family, spelled):
    file = golden(family)
    other = spelled(file)
    assert len(other.tensors) == len(file) * 2 // 3
    assert_same(to_kohya(*other), file)
    assert spelling_of(other.tensors) == {to_peft: "PEFT's", to_diffusers: "diffusers'"}[spelled]


@pytest.mark.parametrize("family", FAMILIES)
def test_names_and_shapes_are_those_of_diffusers_and_transformers_own_layers(family):
    with torch.device("meta"):
        models = dict(
            zip(("unet", "text_encoder", "text_encoder_2"), (unet_of(family), *text_encoders_of(family)), strict=False)
        )
    weights = {
        f"{owner}.{name.removesuffix('.weight')}": tuple(tensor.shape)
        for owner, model in models.items()
        for name, tensor in model.state_dict().items()
    }
    file = to_peft(golden(family)).tensors
    downs = {key.removesuffix(".lora_A.weight"): tuple(t.shape) for key, t in file.items() if ".lora_A." in key}
    ups = {key.removesuffix(".lora_B.weight"): tuple(t.shape) for key, t in file.items() if ".lora_B." in key}
    assert downs.keys() == ups.keys()
    wrong = [name for name in downs if (ups[name][0], *downs[name][1:]) != weights.get(name)]
    assert wrong == []


@pytest.mark.parametrize("family", FAMILIES)
def test_peft_computes_with_the_converted_network_what_ours_does(family):
    base = (family, *narrow_base(family))
    unet = base[1]
    network = network_for(base)
    file = {key: tensor.clone() for key, tensor in network.tensors().items()}
    name = next(key for key in file if "mid_block" in key or "middle_block" in key)
    file[name.split(".")[0] + ".alpha"] = torch.tensor(7.0)
    network.load(file)
    with torch.no_grad(), network.attached():
        wanted = unet(**unet_inputs(family)).sample
    spelled = to_peft(file, family)
    packed = json.loads(spelled.metadata["lora_adapter_metadata"])
    config = {key.removeprefix("unet."): value for key, value in packed.items() if key.startswith("unet.")}
    inject_adapter_in_model(LoraConfig(**config), unet, "x")
    own = {key.removeprefix("unet."): t for key, t in spelled.tensors.items() if key.startswith("unet.")}
    assert set_peft_model_state_dict(unet, own, "x").unexpected_keys == []
    with torch.no_grad():
        torch.testing.assert_close(unet(**unet_inputs(family)).sample, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "ends", "kohya"),
    [
        (f"unet.{PATH}.to_q", ("lora_A.weight", "lora_B.weight"), f"{KOHYA}_to_q"),
        (f"base_model.model.unet.{PATH}.to_q", ("lora_A.weight", "lora_B.weight"), f"{KOHYA}_to_q"),
        (f"base_model.model.{PATH}.to_q", ("lora_A.my-cat.weight", "lora_B.my-cat.weight"), f"{KOHYA}_to_q"),
        (f"unet.{PATH}.to_out.0", ("lora.down.weight", "lora.up.weight"), f"{KOHYA}_to_out_0"),
        (f"lora_unet.{PATH}.to_out.0", ("lora_down.weight", "lora_up.weight"), f"{KOHYA}_to_out_0"),
        (f"diffusion_model.{PATH}.to_k", ("lora_down.weight", "lora_up.weight"), f"{KOHYA}_to_k"),
        ("model.diffusion_model.input_blocks.1.1.proj_out", ("lora_down.weight", "lora_up.weight"),
         "lora_unet_down_blocks_0_attentions_0_proj_out"),
        (f"text_encoder.{TEXT}.q_proj", ("lora_linear_layer.down.weight", "lora_linear_layer.up.weight"),
         "lora_te_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"lora_te.{TEXT}.q_proj", ("lora_down.weight", "lora_up.weight"),
         "lora_te_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"clip_l.{TEXT}.q_proj", ("lora_down.weight", "lora_up.weight"),
         "lora_te_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"base_model.model.{TEXT}.out_proj", ("lora_A.weight", "lora_B.weight"),
         "lora_te_text_model_encoder_layers_3_self_attn_out_proj"),
        ("lora_te1_text_model_encoder_layers_3_mlp_fc1", ("lora_A.weight", "lora_B.weight"),
         "lora_te_text_model_encoder_layers_3_mlp_fc1"),
        ("lora_unet_input_blocks_1_0_in_layers_2", ("lora_down.weight", "lora_up.weight"),
         "lora_unet_down_blocks_0_resnets_0_conv1"),
    ],
)  # fmt: skip
def test_each_programs_names_become_kohyas_in_sd1(name, ends, kohya):
    file = pair(name, *ends)
    found = to_kohya(file, family="sd1")
    down, up = found[f"{kohya}.lora_down.weight"], found[f"{kohya}.lora_up.weight"]
    assert torch.equal(torch.cat([down.flatten(), up.flatten()]), torch.cat([t.flatten() for t in file.values()]))
    assert found.get(f"{kohya}.alpha", torch.tensor(4.0)) == 4.0
    assert {key.split(".")[0] for key in found} == {kohya}


def test_old_attention_processors_are_read():
    file = pair(f"unet.{PATH}.processor", "to_out_lora.down.weight", "to_out_lora.up.weight")
    assert f"{KOHYA}_to_out_0.lora_up.weight" in to_kohya(file)
    file = pair(f"text_encoder.{TEXT}", "to_k_lora.down.weight", "to_k_lora.up.weight", (1024, 1024))
    assert "lora_te_text_model_encoder_layers_3_self_attn_k_proj.alpha" in to_kohya(file)


@pytest.mark.parametrize(
    ("name", "width", "kohya"),
    [
        ("unet.down_blocks.1.attentions.0.proj_in", 8, "lora_unet_input_blocks_4_1_proj_in"),
        ("unet.up_blocks.0.upsamplers.0.conv", 8, "lora_unet_output_blocks_2_2_conv"),
        ("lora_unet_down_blocks_1_attentions_0_proj_in", 8, "lora_unet_input_blocks_4_1_proj_in"),
        ("lora_unet_mid_block_resnets_1_conv2", 8, "lora_unet_middle_block_2_out_layers_3"),
        ("lora_unet_input_blocks_4_1_proj_in", 8, "lora_unet_input_blocks_4_1_proj_in"),
        (f"text_encoder.{TEXT}.q_proj", 768, "lora_te1_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"text_encoder_2.{TEXT}.q_proj", 1280, "lora_te2_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"clip_g.{TEXT}.q_proj", 1280, "lora_te2_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"base_model.model.{TEXT}.q_proj", 1280, "lora_te2_text_model_encoder_layers_3_self_attn_q_proj"),
        (f"base_model.model.{TEXT}.q_proj", 768, "lora_te1_text_model_encoder_layers_3_self_attn_q_proj"),
        ("text_encoder_2.text_projection", 1280, "lora_te2_text_projection"),
    ],
)
def test_names_of_sdxl_become_those_of_kohya(name, width, kohya):
    found = to_kohya(pair(name, width=(width, width)), family="sdxl")
    assert {key.split(".")[0] for key in found} == {kohya}


def test_alphas_come_from_the_adapters_configuration_and_are_else_the_rank():
    query, key = f"unet.{PATH}.to_q", f"unet.{PATH}.to_k"
    file = pair(query) | pair(key)

    def alphas(metadata):
        found = to_kohya(file, metadata)
        return [float(found[f"{KOHYA}_to_{end}.alpha"]) for end in "qk"]

    assert alphas({}) == [4, 4]
    assert alphas({"adapter_config": '{"r": 4, "lora_alpha": 6, "alpha_pattern": {"attn1.to_k": 9}}'}) == [6, 9]
    assert alphas({"lora_adapter_metadata": '{"unet.lora_alpha": 3, "text_encoder.lora_alpha": 5}'}) == [3, 3]
    assert alphas({"adapter_config": '{"lora_alpha": 6, "use_rslora": true}'}) == [12, 12]  # 6 / sqrt(4) = 12 / 4
    assert float(to_kohya(file | {f"{query}.alpha": torch.tensor(1.0)})[f"{KOHYA}_to_q.alpha"]) == 1
    for broken in ("{", "[]", '{"lora_alpha": "x"}', '{"alpha_pattern": {"(": 1}}'):
        with pytest.raises(ModelFileError, match="adapter configuration .* cannot be read"):
            alphas({"adapter_config": broken})


def test_a_magnitude_of_outputs_becomes_a_column_and_comes_back():
    name = f"unet.{PATH}.to_q"
    conv = "unet.down_blocks.0.resnets.0.conv1"
    file = pair(name) | {f"{name}.lora_magnitude_vector": torch.arange(6.0)}
    file |= {
        f"{conv}.lora_A.weight": torch.ones(4, 8, 3, 3),
        f"{conv}.lora_B.weight": torch.ones(6, 4, 1, 1),
        f"{conv}.lora_magnitude_vector": torch.arange(6.0).view(1, 6, 1, 1),
    }
    found = to_kohya(file)
    assert found[f"{KOHYA}_to_q.dora_scale"].tolist() == [[0], [1], [2], [3], [4], [5]]
    assert found["lora_unet_down_blocks_0_resnets_0_conv1.dora_scale"].shape == (6, 1, 1, 1)
    back = to_peft(found)
    assert_same(back.tensors, file)
    assert json.loads(back.metadata["lora_adapter_metadata"])["unet.use_dora"] is True


def test_tensors_of_no_layer_keep_their_names():
    file = pair(f"unet.{PATH}.to_q") | {"bundle_emb.cat.emb_params": torch.ones(2, 8)}
    found = to_kohya(file)
    assert found["bundle_emb.cat.emb_params"] is file["bundle_emb.cat.emb_params"]
    assert "bundle_emb.cat.emb_params" in to_peft(found).tensors


@pytest.mark.parametrize(
    ("file", "family", "message"),
    [
        (pair("unet.mid_block.attentions.0.proj_in"), "", "^unet.mid_block.attentions.0.proj_in: whether .* SDXL's or"),
        (pair(f"text_encoder.{TEXT}.q_proj", width=(768, 768)), "", "q_proj: whether this layer is SDXL's or"),
        (pair(f"base_model.model.{TEXT}.q_proj"), "sdxl", "q_proj: which of SDXL's two text encoders"),
        (pair(f"lora_te.{TEXT}.q_proj"), "sdxl", "q_proj: which of SDXL's two text encoders"),
        (pair("unet.down_blocks.7.attentions.0.proj_in"), "sd1", "^unet.down_blocks.7.*: is no layer of .* of sd1"),
        (pair("unet.down_blocks.3.resnets.0.conv1"), "sdxl", "^unet.down_blocks.3.*: is no layer of .* of sdxl"),
        (pair("controlnet.x.y"), "sd1", "^controlnet.x.y: is no layer"),
        (pair(f"text_encoder_2.{TEXT}.q_proj"), "sd1", "^text_encoder_2.*: is no layer of .* of sd1"),
        (pair(f"unet.{PATH}.to_q", "lora_A.a.weight", "lora_B.a.weight")
         | pair(f"unet.{PATH}.to_q", "lora_A.b.weight", "lora_B.b.weight"), "",
         r"to_q: its lora_down.weight is in the file twice, so it holds two networks"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_with_the_layer(file, family, message):
    with pytest.raises(ModelFileError, match=message):
        to_kohya(file, family=family)


@pytest.mark.parametrize(
    "parts",
    [
        {"hada_w1_a": (6, 4), "hada_w1_b": (4, 8)},
        {"lora_down.weight": (4, 8), "lora_up.weight": (6, 4), "dora_scale": (1, 8)},
        {"lora_down.weight": (4, 8, 1, 1), "lora_up.weight": (6, 4, 1, 1), "lora_mid.weight": (4, 4, 3, 3)},
        {"lora_down.weight": (4, 8)},
    ],
)
def test_kinds_without_a_form_in_other_names_are_refused_with_the_layer(parts):
    file = {f"{KOHYA}_to_q.{part}": torch.ones(shape) for part, shape in parts.items()}
    for spelled in (to_peft, to_diffusers):
        with pytest.raises(ModelFileError, match=f"^{KOHYA}_to_q: is of a kind .* keep kohya's names"):
            spelled(file)


def test_a_layer_that_diffusers_does_not_have_is_refused():
    with pytest.raises(ModelFileError, match="^lora_unet_input_blocks_70_0_op: is no layer"):
        to_peft(pair("lora_unet_input_blocks_70_0_op", "lora_down.weight", "lora_up.weight"))
    with pytest.raises(ModelFileError, match="^lora_prior_x: is no layer"):
        to_peft(pair("lora_prior_x", "lora_down.weight", "lora_up.weight"))
