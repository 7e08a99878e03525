import json

import yaml
from transformers import CLIPTextConfig, CLIPTokenizer

from embedded.score import measured
from lib_train.checkpoints.opened import read_header
from lib_train.models.embedded import CHECKPOINT, TOKENIZER_FOLDER, webui_yaml
from lib_train.models.families import anatomy_of, vae_settings
from lib_train.models.tensor_file import open_tensors, vae_of

GOLDEN = {"model.diffusion_model.": 682, "first_stage_model.": 180, "cond_stage_model.transformer.text_model.": 197}


def test_checkpoint_is_small_whole_and_in_half_precision():
    assert CHECKPOINT.stat().st_size <= 24 * 2**20
    _, shapes = read_header(CHECKPOINT)
    assert {kind for name, (kind, _) in shapes.items() if "position_ids" not in name} == {"F16"}
    for prefix in GOLDEN:
        assert any(name.startswith(prefix) for name in shapes)


def test_unet_has_every_tensor_of_sd1():
    """SD1.5's U-Net has 686; four of them are skip connections between levels of different width, and here is none."""
    _, shapes = read_header(CHECKPOINT)
    unet = [name for name in shapes if name.startswith("model.diffusion_model.")]
    assert len(unet) == GOLDEN["model.diffusion_model."]
    text = [name for name in shapes if name.startswith("cond_stage_model.transformer.text_model.")]
    assert len(text) == GOLDEN["cond_stage_model.transformer.text_model."]


def test_yaml_beside_it_tells_the_webui_the_same_sizes_that_the_tensors_have():
    described = yaml.safe_load(CHECKPOINT.with_suffix(".yaml").read_text())["model"]["params"]
    assert described == yaml.safe_load(webui_yaml("tokenizer"))["model"]["params"]
    shapes = {name: shape for name, (_, shape) in read_header(CHECKPOINT)[1].items()}
    anatomy = anatomy_of(shapes, "embedded")
    unet = described["unet_config"]["params"]
    widths = tuple(unet["model_channels"] * times for times in unet["channel_mult"])
    assert widths == anatomy.unet["block_out_channels"]
    assert unet["num_heads"] == anatomy.unet["attention_head_dim"][0]
    assert unet["context_dim"] == anatomy.unet["cross_attention_dim"]
    vae = described["first_stage_config"]["params"]["ddconfig"]
    found = vae_settings(vae_of(open_tensors(CHECKPOINT)).shapes, "embedded")
    assert tuple(vae["ch"] * times for times in vae["ch_mult"]) == found["block_out_channels"]
    assert vae["num_res_blocks"] == found["layers_per_block"]
    assert described["scale_factor"] == anatomy.scale_factor


def test_text_encoders_folder_says_what_the_tensors_say():
    shapes = {name: shape for name, (_, shape) in read_header(CHECKPOINT)[1].items()}
    config = CLIPTextConfig.from_pretrained(TOKENIZER_FOLDER, local_files_only=True)
    for name, value in anatomy_of(shapes, "embedded").texts[0].items():
        if name != "eos_token_id":
            assert getattr(config, name) == value, name


def test_tokenizer_gives_clips_own_numbers():
    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER_FOLDER, local_files_only=True)
    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer("mochi").input_ids == [49406, 47973, 49407]
    vocabulary = json.loads((TOKENIZER_FOLDER / "vocab.json").read_text(encoding="utf-8"))
    assert len(vocabulary) == 49408


def test_it_follows_prompts_of_one_object():
    """README tells the share over 120 prompts. Of the first ten nine were right when it was made; 80 % is the bar.

    The same nine are right after 8 steps as after 20; after 6 there are seven.
    """
    score, _ = measured(10, steps=8)
    assert score.both >= 8, score
