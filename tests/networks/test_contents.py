import pytest
import torch

from lib_train.errors import ModelFileError
from lib_train.networks.contents import layers_in, reject_gaps, reject_strangers
from lib_train.networks.kinds import KINDS

NAME = "lora_unet_mid_block_attentions_0_proj_in"


def test_a_files_layers_are_read_with_their_alphas():
    down, up = torch.ones(4, 8), torch.ones(6, 4)
    layers = layers_in(
        {f"{NAME}.alpha": torch.tensor(2), f"{NAME}.lora_up.weight": up, f"{NAME}.lora_down.weight": down}
    )
    assert list(layers) == [NAME]
    assert layers[NAME].kind is KINDS["LoRA"]
    parts = layers[NAME].parts
    assert [parts["lora_down.weight"] is down, parts["lora_up.weight"] is up, parts["alpha"].item()] == [True, True, 2]


def test_a_missing_alpha_is_the_rank_so_that_the_scale_is_one():
    layers = layers_in({f"{NAME}.lora_up.weight": torch.ones(6, 4), f"{NAME}.lora_down.weight": torch.ones(4, 8)})
    assert layers[NAME].parts["alpha"] == 4.0


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([], "holds no tensors: choose a file of LoRA, LoCon, DoRA, LoHa, LoKr, Full, IA3, Norm, OFT, BOFT, GLoRA$"),
        (["unet.mid_block.attentions.0.proj_in.lora_A.weight"], "SDXL's or another family's cannot be told"),
        (["text_encoder.layers.0.lora_linear_layer.up.weight"], "cannot be told"),
        ([f"{NAME}.oft_blocks"], r"oft_blocks has shape \(2, 2\): these are no square blocks"),
        ([f"{NAME}.hada_w1_a"], "hada_w1_b is missing"),
        ([f"{NAME}.lokr_w1", f"{NAME}.alpha"], "lokr_w2_a is missing"),
        ([f"{NAME}.lokr_w1_b", f"{NAME}.lokr_w2"], "lokr_w1_a is missing"),
        ([f"{NAME}.a1.weight"], "a2.weight is missing"),
        ([f"{NAME}.vera_lambda_d"], "^VeRA: not supported yet; choose a file of LoRA, LoCon[^;]*$"),
        ([f"{NAME}.q_layer.weight"], "^T-LoRA: not supported yet; its file lacks .* and Extract a LoRA of that one$"),
        ([f"{NAME}.lora_down.weight", f"{NAME}.lora_mid.weight"], "lora_up.weight is missing"),
        ([f"{NAME}.dora_scale", f"{NAME}.oft_blocks"], "^OFT with DoRA: not supported yet"),
        (
            ["lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight"],
            "is for Flux .*: choose one for the base model's family, of LoRA, LoCon, DoRA, LoHa, LoKr, Full, IA3, Norm",
        ),
        (["model.diffusion_model.out.2.weight"], "another kind of network or file"),
        ([f"{NAME}.lora_up.weight"], "lora_down.weight is missing"),
        ([f"{NAME}.lora_down.weight", f"{NAME}.alpha"], "lora_up.weight is missing"),
    ],
)
def test_a_file_that_is_no_lora_is_rejected_with_the_reason(keys, message):
    with pytest.raises(ModelFileError, match=message):
        layers_in({key: torch.ones(2, 2) for key in keys})


@pytest.mark.parametrize(("alpha", "told"), [(torch.ones(3), "3 numbers"), (torch.ones(0), "0 numbers")])
def test_an_alpha_that_is_not_one_number_is_rejected(alpha, told):
    tensors = {f"{NAME}.lora_up.weight": torch.ones(6, 4), f"{NAME}.lora_down.weight": torch.ones(4, 8)}
    with pytest.raises(ModelFileError, match=f"{NAME}.alpha holds {told}, not one: the file is damaged"):
        layers_in(tensors | {f"{NAME}.alpha": alpha})
    assert layers_in(tensors | {f"{NAME}.alpha": torch.tensor([2])})[NAME].parts["alpha"] == 2.0


@pytest.mark.parametrize("down", [torch.ones(()), torch.ones(5), torch.ones(0, 8)])
def test_matrices_without_two_sides_are_rejected(down):
    with pytest.raises(ModelFileError, match=f"{NAME}.lora_down.weight is missing or empty"):
        layers_in({f"{NAME}.lora_down.weight": down, f"{NAME}.lora_up.weight": torch.ones(6, 5)})


def test_strangers_are_counted_and_the_first_few_named():
    with pytest.raises(ModelFileError, match=r"5 of the file's 6 layers .*\(a, b, c, \.\.\.\): choose"):
        reject_strangers("abcdef", "f")
    reject_strangers("f", "fg")


def test_gaps_are_counted_and_named():
    with pytest.raises(ModelFileError, match=r"lacks 2 of this network's 3 layers \(a, c\): choose"):
        reject_gaps("b", "abc")
    reject_gaps("abc", "bc")


def test_few_layers_of_another_kind_among_many_are_named():
    tensors = {f"{NAME}_{n}.lora_{part}.weight": torch.ones(2, 2) for n in range(263) for part in ("down", "up")}
    tensors |= {f"{NAME}_{n}.vera_lambda_d": torch.ones(2, 2) for n in ("x", "y", "z")}
    message = rf"^3 of the file's 266 layers .*\(VeRA: not supported yet\): {NAME}_x, {NAME}_y, {NAME}_z; choose"
    with pytest.raises(ModelFileError, match=message):
        layers_in(tensors)


def test_tensors_that_belong_to_no_layer_are_named_but_for_bundled_embeddings_which_are_left_out():
    tensors = {f"{NAME}.lora_{part}.weight": torch.ones(2, 2) for part in ("down", "up")}
    with pytest.raises(ModelFileError, match=r"^1 of the file's 3 tensors belong to another .*\(emb.x.y\)"):
        layers_in(tensors | {"emb.x.y": torch.ones(2)})
    assert list(layers_in(tensors | {"bundle_emb.x.y": torch.ones(2)})) == [NAME]
    with pytest.raises(ModelFileError, match="holds no tensors"):
        layers_in({"bundle_emb.x.y": torch.ones(2)})


def test_a_file_with_peft_names_is_read_with_the_alphas_of_its_metadata():
    name = "unet.mid_block.attentions.0.proj_in"
    tensors = {f"{name}.lora_A.weight": torch.ones(4, 8), f"{name}.lora_B.weight": torch.ones(6, 4)}
    metadata = {"lora_adapter_metadata": '{"unet.lora_alpha": 12}'}
    layers = layers_in(tensors, metadata, "sd2")
    assert list(layers) == [NAME]
    assert layers[NAME].parts["alpha"] == 12.0
    assert layers[NAME].parts["lora_down.weight"].shape == (4, 8, 1, 1)
