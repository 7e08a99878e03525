"""SD2 and SDXL in the real WebUI, on narrow checkpoints of random weights that its own classes have made."""

import json

import pytest
from PIL import Image

from lib_train.models.embedded import TOKENIZER_FOLDER
from tests.webui.test_kinds import require_every_kind_merged
from tests.webui.test_real_webui import SETTINGS, require_untouched

pytestmark = pytest.mark.webui

TEXT = "ViT-S-16-alt"  # the narrowest text model that open_clip knows: 256 wide, 10 layers
UNET = {
    "in_channels": 4, "out_channels": 4, "model_channels": 32, "num_res_blocks": 2, "num_head_channels": 32,
    "use_spatial_transformer": True, "use_linear_in_transformer": True, "use_checkpoint": False, "legacy": False,
}  # fmt: skip
VAE = {
    "embed_dim": 4, "monitor": "", "lossconfig": {"target": "torch.nn.Identity"},
    "ddconfig": {"double_z": True, "z_channels": 4, "resolution": 64, "in_channels": 3, "out_ch": 3, "ch": 32,
                 "ch_mult": [1, 1, 1, 1], "num_res_blocks": 1, "attn_resolutions": [], "dropout": 0.0},
}  # fmt: skip


def sd2():
    """SD2 with v-prediction."""
    unet = {**UNET, "image_size": 16, "attention_resolutions": [4, 2, 1], "channel_mult": [1, 2, 2, 2],
            "transformer_depth": 1, "context_dim": 256}  # fmt: skip
    text = {"arch": TEXT, "version": None, "freeze": True, "layer": "penultimate"}
    return of("ldm.models.diffusion.ddpm.LatentDiffusion", {
        "linear_start": 0.00085, "linear_end": 0.012, "num_timesteps_cond": 1, "timesteps": 1000,
        "parameterization": "v", "first_stage_key": "jpg", "cond_stage_key": "txt", "image_size": 16, "channels": 4,
        "cond_stage_trainable": False, "conditioning_key": "crossattn", "scale_factor": 0.18215, "use_ema": False,
        "unet_config": of("ldm.modules.diffusionmodules.openaimodel.UNetModel", unet),
        "first_stage_config": of("ldm.models.autoencoder.AutoencoderKL", VAE),
        "cond_stage_config": of("ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder", text),
    })  # fmt: skip


def sdxl():
    diffusion, encoders = "sgm.modules.diffusionmodules", "sgm.modules.encoders.modules"
    unet = {**UNET, "attention_resolutions": [4, 2], "channel_mult": [1, 2, 4], "transformer_depth": [1, 1, 2],
            "context_dim": 64 + 256, "adm_in_channels": 256 + 6 * 8, "num_classes": "sequential",
            "spatial_transformer_attn_type": "softmax-xformers"}  # fmt: skip
    clip = {"version": str(TOKENIZER_FOLDER), "layer": "hidden", "layer_idx": 11}
    openclip = {"arch": TEXT, "version": None, "freeze": True, "layer": "penultimate", "always_return_pooled": True,
                "legacy": False}  # fmt: skip
    sizes = [
        {**of(f"{encoders}.ConcatTimestepEmbedderND", {"outdim": 8}), "input_key": key, "is_trainable": False}
        for key in ("original_size_as_tuple", "crop_coords_top_left", "target_size_as_tuple")
    ]
    texts = [
        {**of(f"{encoders}.{kind}", params), "input_key": "txt", "is_trainable": False}
        for kind, params in (("FrozenCLIPEmbedder", clip), ("FrozenOpenCLIPEmbedder2", openclip))
    ]
    denoiser = {
        "num_idx": 1000,
        "weighting_config": of(f"{diffusion}.denoiser_weighting.EpsWeighting"),
        "scaling_config": of(f"{diffusion}.denoiser_scaling.EpsScaling"),
        "discretization_config": of(f"{diffusion}.discretizer.LegacyDDPMDiscretization"),
    }
    return of("sgm.models.diffusion.DiffusionEngine", {
        "scale_factor": 0.13025, "disable_first_stage_autocast": True,
        "denoiser_config": of(f"{diffusion}.denoiser.DiscreteDenoiser", denoiser),
        "network_config": of(f"{diffusion}.openaimodel.UNetModel", unet),
        "conditioner_config": of("sgm.modules.GeneralConditioner", {"emb_models": [*texts, *sizes]}),
        "first_stage_config": of("sgm.models.autoencoder.AutoencoderKLInferenceWrapper", VAE),
    })  # fmt: skip


def of(target, params=None):
    return {"target": target, "params": params or {}}


@pytest.fixture(params=[sd2, sdxl], ids=lambda family: family.__name__)
def loaded(request, webui):
    """The family's name, its checkpoint loaded in the WebUI; afterwards the embedded one is again."""
    name, folder = request.param.__name__, webui.data / "models" / "Stable-diffusion"
    config = folder / f"{name}.yaml"  # JSON is YAML
    config.write_text(json.dumps({"model": request.param()}))
    webui.ask("sdapi/v1/options", {"live_previews_enable": False})  # for SDXL they would be a download
    built = webui.ask(f"probe/build?config={config}&file={folder / name}.safetensors")
    assert built.get("tensors", 0) > 500, built
    choose(webui, name)
    yield name
    choose(webui, "train-tools-embedded")
    webui.ask("sdapi/v1/options", {"live_previews_enable": True})


def choose(webui, name):
    webui.ask("sdapi/v1/refresh-checkpoints", {})
    webui.ask("sdapi/v1/options", {"sd_model_checkpoint": f"{name}.safetensors"})
    webui.picture("red circle", steps=1)
    assert webui.now()["host"]["base_model"] == f"{name}.safetensors"


def test_the_webui_merges_a_file_of_every_kind_as_it_was_trained_at_any_weight(webui, loaded, tmp_path):
    require_every_kind_merged(webui, tmp_path)


def test_a_run_s_file_changes_every_layer_in_the_webui_as_it_says(webui, loaded):
    before = {"picture": webui.picture("red circle, large", seed=5), "probe": webui.ask("probe/weights")}
    assert len(set(before["picture"].getdata())) > 100, "the random model draws nothing"
    settings = {**SETTINGS, "max_train_steps": "2", "network_dim": "4", "network_alpha": "4", "learning_rate": "0.01"}
    webui.train(loaded, {**settings, "preview_prompts": "mochi", "preview_weights": "1", "preview_seeds": "7"})
    seen = webui.wait(loaded)
    assert seen["phase"] == "finished", seen
    path = webui.checkpoints(loaded)[0]
    found = webui.ask(f"probe/merged?file={path}")
    print(f"\n{loaded}: {found}")  # noqa: T201
    assert found["followed"] == found["modules"] == found["targets"]
    there = f"train-tools/v1/projects/{loaded}/versions/v1/checkpoints"
    card = webui.ask(there)["checkpoints"][0]
    webui.ask(f"{there}/{card['name']}/install", {})
    shown = webui.picture(f"<lora:{path.stem}:1>mochi", seed=7)
    assert shown.tobytes() == Image.open(webui.root / card["previews"][0]).convert("RGB").tobytes()
    require_untouched(webui, before)
