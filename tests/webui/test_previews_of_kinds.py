"""Every kind of network: what a run's preview shows is what txt2img shows, to the pixel."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lib_train.config.network import NETWORK_TYPES
from tests.webui.test_real_webui import SETTINGS, before, require_untouched  # noqa: F401

pytestmark = pytest.mark.webui

ASKED = {
    "preview_prompts": "mochi, large, center", "preview_weights": "0.5, 1", "preview_seeds": "7",
    "preview_sampler": "Euler a", "max_train_steps": "8", "conv_dim": "4",
}  # fmt: skip
ON_A_CPU = {"learning_rate": "5e-2", "save_precision": "float"}
"""The WebUI multiplies a LoHa's matrices in the file's type: for fp16 torch 2.1 has no product on a CPU, and the WebUI
passes over the layer without a word."""
OWN: dict[str, dict[str, str]] = {"full": {"learning_rate": "1e-3"}, "ia3": {"learning_rate": "5e-2"}, "loha": ON_A_CPU}
MORE: dict[str, dict[str, Any]] = {
    "loha-dora": {"network_type": "loha", "dora_wd": True, **ON_A_CPU},
    "norm": {"train_norm": True},
}


@pytest.mark.parametrize("name", [*NETWORK_TYPES, *MORE])
def test_preview_of_every_kind_is_pixel_identical_to_txt2img(webui, before, name):  # noqa: F811
    project, chosen = f"kind-{name}", MORE.get(name, {"network_type": name})
    webui.train(project, {**SETTINGS, **ASKED, **OWN.get(name, {}), **chosen})
    seen = webui.wait(project)
    assert seen["phase"] == "finished", seen
    there = f"train-tools/v1/projects/{project}/versions/v1/checkpoints"
    found = webui.ask(there)["checkpoints"][-1]
    stem = Path(webui.ask(f"{there}/{found['name']}/install", {})["path"]).stem
    plain = webui.picture("mochi, large, center", seed=7)
    drawn = [webui.root / path for path in found["previews"]]
    assert len(drawn) == 2
    for path in drawn:
        weight = path.stem.partition("-w")[2].split("-")[0]
        shown = webui.picture(f"<lora:{stem}:{weight}>mochi, large, center", seed=7)
        assert Image.open(path).convert("RGB").tobytes() == shown.tobytes(), weight
        assert shown.tobytes() != plain.tobytes(), "the network does nothing"
    require_untouched(webui, before)
