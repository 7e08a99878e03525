import pytest
import torch

from lib_train.checkpoints.files import write_network
from lib_train.checkpoints.inspect import described
from lib_train.checkpoints.reader import read_otherwise

LAYER = "lora_unet_input_blocks_4_1_proj_in"
PAIR = {"lora_down.weight": (4, 8), "lora_up.weight": (16, 4)}


def notes(tmp_path, layers, metadata=None, kind="float"):
    tensors = {f"{name}.{part}": torch.zeros(shape) for name, parts in layers.items() for part, shape in parts.items()}
    write_network(tmp_path / "a.safetensors", tensors, metadata or {}, kind, replace=True)
    return read_otherwise(tmp_path / "a.safetensors")


def test_of_a_plain_file_there_is_nothing_to_tell(tmp_path):
    assert notes(tmp_path, {LAYER: {**PAIR, "alpha": ()}}) == []
    assert notes(tmp_path, {LAYER: {"hada_w1_a": (16, 4), "hada_w1_b": (4, 8), "hada_w2_a": (16, 4),
                                    "hada_w2_b": (4, 8)}}) == []  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"q_layer.weight": (4, 8), "p_layer.weight": (16, 4), "lambda_layer": (1, 4)}, "does not load files with T-L"),
        ({"a1.weight": (8, 4), "a2.weight": (4, 8), "b1.weight": (16, 4), "b2.weight": (4, 8)}, "nothing of 1 GLoRA"),
        ({"w_norm": (8,)}, "norms of which weight or bias is missing"),
        ({**PAIR, "dora_scale": (16, 1)}, "magnitudes of 1 DoRA layers for those of the inputs"),
        ({"oft_blocks": (2, 2, 4, 4)}, "BOFT as it was trained at weight 1 alone"),
        ({"oft_blocks": (2, 4, 4), "rescale": (16, 1)}, "rescaled OFT"),
    ],
)
def test_kind_that_the_webui_reads_otherwise_is_told(tmp_path, parts, words):
    (note,) = notes(tmp_path, {LAYER: parts})
    assert words in note


def test_dora_of_inputs_is_told_in_bf16_alone(tmp_path):
    layers = {LAYER: {**PAIR, "dora_scale": (1, 8)}}
    assert notes(tmp_path, layers) == []
    tensors = {f"{LAYER}.{part}": torch.zeros(shape, dtype=torch.bfloat16) for part, shape in layers[LAYER].items()}
    from safetensors.torch import save_file

    save_file(tensors, tmp_path / "b.safetensors")
    assert "magnitudes of DoRA are bf16" in read_otherwise(tmp_path / "b.safetensors")[0]


def test_other_programs_names_are_told(tmp_path):
    layers = {"unet.mid_block.attentions.0.proj_in": {"lora_A.weight": (4, 8), "lora_B.weight": (16, 4)}}
    assert "passes over these (PEFT's)" in notes(tmp_path, layers)[0]


def test_half_of_an_attention_is_told_where_the_webui_has_it_as_one(tmp_path):
    attention = "lora_te2_text_model_encoder_layers_0_self_attn"
    whole = {f"{attention}_{share}_proj": PAIR for share in ("q", "k", "v", "out")}
    assert notes(tmp_path, whole) == []
    half = {name: parts for name, parts in whole.items() if "_q_" in name or "_v_" in name}
    assert "passes over 2 layers" in notes(tmp_path, half)[0]
    sd1 = {name.replace("_te2_", "_te_"): parts for name, parts in half.items()}
    assert notes(tmp_path, sd1, {"ss_base_model_version": "sd_v1"}) == []


def test_whole_weights_in_bf16_are_told(tmp_path):
    from safetensors.torch import save_file

    layers = {f"{LAYER}.diff": torch.zeros(4, 8), f"{LAYER}.diff_b": torch.zeros(4)}
    layers |= {f"lora_unet_n.{part}": torch.zeros(8) for part in ("w_norm", "b_norm")}
    for kind, told in ((torch.bfloat16, 1), (torch.float16, 0)):
        save_file({name: tensor.to(kind) for name, tensor in layers.items()}, tmp_path / "a.safetensors")
        assert [note[:7] for note in read_otherwise(tmp_path / "a.safetensors")] == ["4 parts"] * told


def test_scale_of_whole_matrices_of_lokr_is_told_where_rs_lora_made_one(tmp_path):
    whole = {LAYER: {"lokr_w1": (4, 2), "lokr_w2": (4, 4), "alpha": ()}}
    assert "no scale to 1 LoKr layers" in notes(tmp_path, whole, {"ss_network_args": '{"rs_lora": "True"}'})[0]
    assert notes(tmp_path, whole, {"ss_network_args": '{"rs_lora": false}'}) == []
    thin = {LAYER: {"lokr_w1": (4, 2), "lokr_w2_a": (4, 1), "lokr_w2_b": (1, 4), "alpha": ()}}
    assert notes(tmp_path, thin, {"ss_network_args": '{"rs_lora": true}'}) == []


@pytest.mark.parametrize(("on_input", "told"), [(0, 1), (1, 0)])
def test_factors_on_a_convolutions_outputs_are_told(tmp_path, on_input, told):
    tensors = {f"{LAYER}.weight": torch.ones(1, 8, 1, 1), f"{LAYER}.on_input": torch.tensor(on_input)}
    tensors |= {f"{LAYER}x.weight": torch.ones(8), f"{LAYER}x.on_input": torch.tensor(0)}
    write_network(tmp_path / "a.safetensors", tensors, {}, "float")
    assert [note[:53] for note in read_otherwise(tmp_path / "a.safetensors")] == [
        "The WebUI passes over the factors of 1 convolutions: "
    ] * told


def test_inspect_tells_it_on_the_command_line(tmp_path):
    layers = {LAYER: {**PAIR, "dora_scale": (16, 1)}}
    (note,) = notes(tmp_path, layers)
    assert f"read        {note}" in described(tmp_path / "a.safetensors").split("\n")


def test_glora_in_the_order_that_the_webui_wants_is_not_told(tmp_path):
    old = {"a1.weight": (4, 8), "a2.weight": (8, 4), "b1.weight": (4, 8), "b2.weight": (16, 4), "alpha": ()}
    assert notes(tmp_path, {LAYER: old}) == []
