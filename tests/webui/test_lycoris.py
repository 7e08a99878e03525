"""Files that LyCORIS wrote, in the real WebUI: previews show what txt2img shows, and tools know what they add."""

import copy
import logging
import warnings
from typing import Any

import pytest
import torch
from PIL import Image

from lib_train.host.standalone.host import StandaloneHost
from tests.webui.test_real_webui import SETTINGS, before, require_untouched  # noqa: F401

kohya = pytest.importorskip("lycoris.kohya", reason="LyCORIS is not installed")
pytestmark = pytest.mark.webui
PROMPT = "mochi, large, center"
TUCKER = {"use_tucker": True}
BY_INPUT = {"dora_wd": True, "wd_on_output": False}
KINDS: dict[str, dict[str, Any]] = {
    "lora": {"algo": "lora"}, "lora-tucker": {"algo": "lora", **TUCKER}, "lora-rs": {"algo": "lora", "rs_lora": True},
    "lora-norm": {"algo": "lora", "train_norm": True}, "dora": {"algo": "lora", **BY_INPUT},
    "dora-tucker": {"algo": "lora", **TUCKER, **BY_INPUT},
    "loha": {"algo": "loha"}, "loha-tucker": {"algo": "loha", **TUCKER}, "loha-dora": {"algo": "loha", **BY_INPUT},
    "lokr": {"algo": "lokr", "factor": 4}, "lokr-tucker": {"algo": "lokr", "factor": 4, **TUCKER},
    "lokr-both": {"algo": "lokr", "factor": 4, "decompose_both": True, "dim": 1},
    "lokr-whole": {"algo": "lokr", "factor": 4, "full_matrix": True},
    "lokr-dora": {"algo": "lokr", "factor": 4, **BY_INPUT},
    "full": {"algo": "full"}, "ia3": {"algo": "ia3"}, "dylora": {"algo": "dylora"},
}  # fmt: skip
OTHERS: dict[str, dict[str, Any]] = {
    "dora-by-output": {"algo": "lora", "dora_wd": True}, "diag-oft": {"algo": "diag-oft"}, "boft": {"algo": "boft"},
    "glora": {"algo": "glora"},
}  # fmt: skip


EVERYTHING = """
enable_conv = true
unet_target_module = ["Transformer2DModel", "ResnetBlock2D", "Downsample2D", "Upsample2D"]
unet_target_name = ["conv_in", "conv_out", "time_embedding.linear_1", "time_embedding.linear_2"]
text_encoder_target_module = ["CLIPAttention", "CLIPMLP"]
text_encoder_target_name = []
"""
"""LyCORIS' preset full, which names the time embedding twice in its version 4.1."""
SCALED = """
enable_conv = false
use_fnmatch = true
unet_target_module = []
unet_target_name = ["*to_k", "*to_v", "*ff.net.2"]
text_encoder_target_module = []
text_encoder_target_name = ["*k_proj", "*v_proj", "*mlp.fc2"]
[name_algo_map."*.fc2"]
train_on_input = true
[name_algo_map."*.net.2"]
train_on_input = true
"""
"""Its preset ia3, which names nothing in that version."""


@pytest.fixture(scope="module")
def model():
    """The embedded model as LyCORIS knows models: diffusers' and transformers' modules."""
    host = StandaloneHost(device="cpu")
    with host.borrow(host.find("")) as found:
        yield found


def written(model, path, *, dim=4, seed=3, **settings):
    """A file of LyCORIS with numbers in all that it trains."""
    logging.getLogger("LyCORIS").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.random.fork_rng(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        preset = path.with_suffix(".toml")
        preset.write_text(SCALED if settings["algo"] == "ia3" else EVERYTHING)
        settings = {"preset": str(preset), **settings}
        unet, text = (copy.deepcopy(one).to(memory_format=torch.contiguous_format)
                      for one in (model.unet, model.text_encoders[0]))  # fmt: skip
        network = kohya.create_network(1.0, dim, 2, None, text, unet, conv_dim=4, conv_alpha=2, **settings)
        network.apply_to(text, unet, True, True)
        for name, parameter in network.named_parameters():
            size = 0.02 * parameter.abs().mean() if "dora_scale" in name else 0.05
            parameter.add_(size * torch.randn(parameter.shape))
        network.save_weights(str(path), torch.float32, {"ss_base_model_version": "sd_v1"})
        preset.unlink()
    return path


def asked_for(webui, name, **settings):
    """The status when the previews of a file of the LoRA folder have ended."""
    project = f"lycoris-{name}"
    webui.ask("train-tools/v1/projects", {"name": project})
    asked = {**SETTINGS, "preview_prompts": PROMPT, "preview_seeds": "7", "preview_weights": "1", **settings}
    body = {"kind": "preview", "project": project, "version": "v1", "checkpoints": [f"lora:{name}.safetensors"]}
    found = webui.ask("train-tools/v1/jobs", {**body, "settings": asked})
    assert "error" not in found, found
    return webui.wait(project)


def drawn(webui, name, **settings):
    """The preview of a file of the LoRA folder, at weight 1."""
    folder = webui.root / f"lycoris-{name}" / "versions" / "v1" / "previews"
    earlier = set(folder.rglob("*-w1*.png"))
    seen = asked_for(webui, name, **settings)
    assert seen["phase"] == "finished", seen["error"]
    (path,) = set(folder.rglob("*-w1*.png")) - earlier
    with Image.open(path) as opened:
        return opened.convert("RGB")


def gap(one, other):
    """Mean distance of two pictures' values."""
    return sum(abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)) / len(one.tobytes())


def offered(webui, model, name):
    """What is told of a file of LyCORIS that lies in the WebUI's folder from now on."""
    path = written(model, webui.data / "models" / "Lora" / f"{name}.safetensors", **{**KINDS, **OTHERS}[name])
    webui.ask("sdapi/v1/refresh-loras", {})
    return webui.ask(f"train-tools/v1/tools/inspect?file=lora:{path.name}")


@pytest.mark.parametrize("name", KINDS)
def test_previews_of_a_file_are_to_the_pixel_what_the_webui_draws_of_it(webui, before, model, name):  # noqa: F811
    """At half the weight of all blocks too, which is reckoned here: where DoRA becomes a LoRA, within its rounding."""
    assert offered(webui, model, name)["read_otherwise"] == []
    plain, whole, half = (
        webui.picture(f"{tag}{PROMPT}", seed=7) for tag in ("", f"<lora:{name}:1>", f"<lora:{name}:0.5>")
    )
    assert min(gap(plain, whole), gap(whole, half)) > 0.5, "it does nothing"
    assert drawn(webui, name).tobytes() == whole.tobytes()
    ours = drawn(webui, name, preview_block_weights="0.5")
    assert gap(ours, half) < 0.5 if "dora" in name else ours.tobytes() == half.tobytes()
    require_untouched(webui, before)


def test_dora_of_outputs_is_drawn_as_the_webui_reads_it_and_refused_by_tools(webui, before, model):  # noqa: F811
    (told,) = offered(webui, model, "dora-by-output")["read_otherwise"]
    assert told.startswith("The WebUI takes the magnitudes")
    assert (
        drawn(webui, "dora-by-output").tobytes() == webui.picture(f"<lora:dora-by-output:1>{PROMPT}", seed=7).tobytes()
    )
    seen = asked_for(webui, "dora-by-output", preview_block_weights="0.5")
    assert (seen["phase"], "dora-by-output.safetensors" in seen["error"]["message"]) == ("failed", True)
    require_untouched(webui, before)


@pytest.mark.parametrize("name", ["diag-oft", "boft"])
def test_rotations_are_drawn_as_the_webui_reads_them_and_weighed_within_their_rank(webui, before, model, name):  # noqa: F811
    told = offered(webui, model, name)["read_otherwise"]
    assert told == (["The WebUI applies BOFT as it was trained at weight 1 alone."] if name == "boft" else [])
    whole = webui.picture(f"<lora:{name}:1>{PROMPT}", seed=7)
    assert drawn(webui, name).tobytes() == whole.tobytes()
    ours = drawn(webui, name, preview_block_weights="0.5")
    half = webui.picture(f"<lora:{name}:0.5>{PROMPT}", seed=7)
    assert gap(ours, half) < gap(whole, half) / 10
    require_untouched(webui, before)


def test_a_file_that_the_webui_does_not_load_is_told_and_not_drawn_without(webui, before, model):  # noqa: F811
    assert offered(webui, model, "glora")["read_otherwise"][0].startswith("The WebUI puts on nothing of")
    seen = asked_for(webui, "glora")
    assert seen["phase"] == "failed"
    assert "glora.safetensors: the WebUI cannot load this file" in seen["error"]["message"]
    require_untouched(webui, before)
