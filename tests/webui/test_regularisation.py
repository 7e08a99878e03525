"""Regularisation pictures inside the real WebUI."""

import numpy
import pytest
from PIL import Image

pytestmark = pytest.mark.webui
WISH = {"class_word": "circle", "class_prompt": "{red|red} circle<lora:nobody:1>", "class_negative_prompt": "blue",
        "num_class_images": 2, "class_seed": 7, "class_steps": 6, "class_cfg_scale": 5,
        "class_width": 128, "class_height": 64}  # fmt: skip


@pytest.mark.parametrize("sampler", ["Euler a", "DPM++ 2M Karras"])
def test_pictures_of_the_job_are_pixel_identical_to_txt2img(webui, sampler):
    project = "reg-" + "".join(filter(str.isalnum, sampler))
    webui.ask("train-tools/v1/projects", {"name": project})
    body = {"kind": "regularise", "project": project, "version": "v1"}
    found = webui.ask("train-tools/v1/jobs", {**body, "regularisation": {**WISH, "class_sampler": sampler}})
    assert "error" not in found, found
    assert webui.wait(project)["phase"] == "finished"
    folder = webui.root / project / "versions" / "v1" / "dataset" / "reg" / "1_circle"
    for seed in (7, 8):
        shown = webui.picture("red circle", seed=seed, steps=6, cfg_scale=5, width=128, height=64,
                              negative_prompt="blue", sampler_name=sampler)  # fmt: skip
        with Image.open(folder / f"seed-0000{seed}.png") as made:
            assert numpy.array_equal(numpy.asarray(made.convert("RGB")), numpy.asarray(shown))
            assert made.info["parameters"].startswith("red circle\nNegative prompt: blue\nSteps: 6, Sampler: ")
        assert (folder / f"seed-0000{seed}.txt").read_text() == "red circle"
