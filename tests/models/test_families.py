import pytest
import torch

from lib_train.errors import ModelFileError
from lib_train.models.description import Description
from lib_train.models.families import anatomy_of, vae_settings
from lib_train.models.tensor_file import open_tensors
from lib_train.networks.keys import ldm_unet_weight
from tests.bases import unet_of

INPUT = "model.diffusion_model.input_blocks.0.0.weight"


def full_size(family):
    """Shapes of a published checkpoint's U-Net and of the text encoder tensors that tell its settings."""
    with torch.device("meta"):
        unet = unet_of(family)
    shapes = {ldm_unet_weight(n, t, family)[0]: tuple(t.shape) for n, t in unet.state_dict().items()}
    clip = {"text_model.embeddings.token_embedding.weight": (49408, 768),
            "text_model.encoder.layers.0.mlp.fc1.weight": (3072, 768),
            "text_model.encoder.layers.11.mlp.fc1.weight": (3072, 768)}  # fmt: skip
    wide = {"sd2": 1024, "sdxl": 1280}.get(family, 0)
    open_clip = {"token_embedding.weight": (49408, wide), "transformer.resblocks.0.mlp.c_fc.weight": (4 * wide, wide),
                 f"transformer.resblocks.{31 if family == 'sdxl' else 23}.ln_1.weight": (wide,),
                 "text_projection": (wide, wide)}  # fmt: skip
    if family == "sd1":
        return shapes | {f"cond_stage_model.transformer.{name}": shape for name, shape in clip.items()}
    if family == "sd2":
        return shapes | {f"cond_stage_model.model.{name}": shape for name, shape in open_clip.items()}
    shapes |= {f"conditioner.embedders.0.transformer.{name}": shape for name, shape in clip.items()}
    return shapes | {f"conditioner.embedders.1.model.{name}": shape for name, shape in open_clip.items()}


@pytest.mark.parametrize(
    ("family", "widths", "heads", "context", "depths", "texts"),
    [
        ("sd1", (320, 640, 1280, 1280), (8, 8, 8, 8), 768, None, [(768, 12, 12)]),
        ("sd2", (320, 640, 1280, 1280), (5, 10, 20, 20), 1024, None, [(1024, 16, 23)]),
        ("sdxl", (320, 640, 1280), (5, 10, 20), 2048, (1, 2, 10), [(768, 12, 12), (1280, 20, 32)]),
    ],
)
def test_full_size_shapes_give_the_known_settings(family, widths, heads, context, depths, texts):
    found = anatomy_of(full_size(family), "x")
    assert (found.family, found.unet["block_out_channels"]) == (family, widths)
    assert found.unet["attention_head_dim"] == heads
    assert found.unet["cross_attention_dim"] == context
    assert found.unet.get("transformer_layers_per_block") == depths
    sizes = [(t["hidden_size"], t["num_attention_heads"], t["num_hidden_layers"]) for t in found.texts]
    assert sizes == texts
    assert found.scale_factor == (0.13025 if family == "sdxl" else 0.18215)


def test_sd2_under_sdxls_names_is_sd2():
    shapes = {n.replace("cond_stage_model.model.", "conditioner.embedders.0.model."): shape
              for n, shape in full_size("sd2").items()}  # fmt: skip
    assert anatomy_of(shapes, "x").family == "sd2"


def test_what_the_yaml_says_wins_over_the_shapes():
    declared = Description(scale_factor=0.5, num_heads=4, text_heads=6)
    found = anatomy_of(full_size("sd1"), "x", declared)
    assert found.unet["attention_head_dim"] == (4, 4, 4, 4)
    assert (found.texts[0]["num_attention_heads"], found.scale_factor) == (6, 0.5)
    found = anatomy_of(full_size("sd1"), "x", Description(num_head_channels=40))
    assert found.unet["attention_head_dim"] == (8, 16, 32, 32)


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ({"lora_unet_x.lora_down.weight": (4, 4)}, "is a LoRA file, .*choose the checkpoint it was made for"),
        ({"control_model.x.weight": (4, 4)}, "is a ControlNet"),
        ({"model.diffusion_model.joint_blocks.0.x.weight": (4, 4)}, "is a Stable Diffusion 3 model"),
        ({"model.diffusion_model.double_blocks.0.x.weight": (4, 4)}, "is a Flux model"),
        ({"down_blocks.0.resnets.0.conv1.weight": (4, 4)}, "is one part of a diffusers folder"),
        ({"encoder.conv_in.weight": (4, 4)}, "is a VAE, .*give this file as vae"),
        ({"emb_params": (4, 768)}, "is a textual-inversion embedding"),
        ({"edm_vpred.sigma_max": (), INPUT: (320, 4, 3, 3)}, "is an EDM model"),
        ({"scaled_fp8": (2,), INPUT: (320, 4, 3, 3)}, "is a checkpoint scaled down to 8 bits, .*in fp16, bf16 or fp32"),
        ({INPUT + ".absmax": (2,), INPUT: (320, 4, 3, 3)}, "is a quantised checkpoint"),
        ({"encoder.block.0.layer.0.SelfAttention.q.weight": (4, 4)}, "is a T5 text encoder"),
        ({"model.1.sub.0.RDB1.conv1.0.weight": (4, 4)}, "is an upscaler"),
        ({"blocks.0.x": (4,), "patch_embedding.weight": (4, 4)}, "is a model of another family"),
        ({"x.weight": (4, 4)}, "holds no U-Net"),
        ({"input_blocks.0.0.weight": (320, 4, 3, 3)}, "is a U-Net alone, or a checkpoint under other names"),
        (
            {f"model.{INPUT}": (320, 4, 3, 3), "model.first_stage_model.encoder.conv_in.weight": (4, 4)},
            "is a U-Net alone, or a checkpoint under other names",
        ),
        ({"model.diffusion_model.x": (4,)}, f"{INPUT} is missing"),
        ({INPUT: (320, 9, 3, 3)}, "is an inpainting model with 9 input channels"),
        ({INPUT: (320, 4, 3, 3)}, "holds no text encoder"),
        (
            {INPUT: (320, 4, 3, 3), "model.diffusion_model.label_emb.0.0.weight": (8, 8),
             "conditioner.embedders.0.model.x": (1,)},
            "is an unCLIP model or SDXL's refiner",
        ),
    ],
)  # fmt: skip
def test_what_is_no_base_model_is_told(shapes, told):
    with pytest.raises(ModelFileError, match=f"^x: {told}"):
        anatomy_of(shapes, "x")


def test_heads_that_do_not_divide_the_channels_are_the_yamls_fault():
    with pytest.raises(ModelFileError, match="x: the .yaml beside it gives 320 channels 7 heads"):
        anatomy_of(full_size("sd1"), "x", Description(num_heads=7))


@pytest.mark.parametrize("part", ["out_layers.3.weight", "proj_in.weight", "token_embedding.weight", "mlp.fc1.weight"])
def test_missing_tensor_is_named(part):
    shapes = {name: shape for name, shape in full_size("sd1").items() if not name.endswith(part)}
    with pytest.raises(ModelFileError, match=r"x: .* is missing; the file is no whole checkpoint"):
        anatomy_of(shapes, "x")


def test_vae_of_other_models_is_refused(checkpoints):
    shapes = {"encoder.conv_in.weight": (128, 3, 3, 3), "encoder.conv_out.weight": (32, 512, 3, 3)}
    with pytest.raises(ModelFileError, match="x: is a VAE with 16 latent channels"):
        vae_settings(shapes, "x")
    with pytest.raises(ModelFileError, match="x: holds no VAE"):
        vae_settings(open_tensors(checkpoints["sd1"]).shapes, "x")
