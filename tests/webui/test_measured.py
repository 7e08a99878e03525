"""A run with an average of its weights and held-out pictures, beside one with neither, on the real WebUI."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from lib_train.app.sample import SAMPLES

pytestmark = pytest.mark.webui
STEPS = 6
SETTINGS = {
    "train_data_dir": str(SAMPLES / "train"), "resolution": "128", "enable_bucket": False, "network_dim": "4",
    "learning_rate": "2e-3", "train_batch_size": "4", "max_train_steps": str(STEPS), "save_every_n_epochs": "",
    "save_every_n_steps": "1", "save_precision": "float",
}  # fmt: skip
MEASURED = {
    "ema": "beside", "ema_decay": "0.9", "validation_data_dir": str(SAMPLES / "reg"), "validate_every_n_steps": "2",
    "max_validation_steps": "2",
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(webui):
    """What the WebUI told of both runs, and their files by name: the weights of each step, and those of averages."""
    found = {}
    for project, more in (("plain", {}), ("measured", MEASURED)):
        webui.train(project, {**SETTINGS, **more})
        seen = webui.wait(project)
        assert seen["phase"] == "finished", seen
        files = sorted(webui.checkpoints(project))
        averages = [path for path in files if path.stem.endswith("-ema")]
        found[project] = seen, [path for path in files if path not in averages], averages
    return found


def test_neither_changes_a_bit_of_the_run(runs):
    (plain, files, none), (measured, others, averages) = runs["plain"], runs["measured"]
    assert (len(files), len(none), len(others), len(averages)) == (STEPS, 0, STEPS, STEPS)
    assert plain["series"]["loss"] == measured["series"]["loss"]
    for one, other in zip(files, others, strict=True):
        first, second = load_file(one), load_file(other)
        assert first.keys() == second.keys()
        assert all(torch.equal(tensor, second[name]) for name, tensor in first.items()), one.name


def test_held_out_pictures_are_a_series_of_their_own(runs):
    measured = {name: points for name, points in runs["measured"][0]["series"].items() if name.startswith("val_")}
    assert {"val_on", "val_off"} <= measured.keys()
    assert not any(name.startswith("val_") for name in runs["plain"][0]["series"])
    for points in measured.values():
        assert [step for step, _ in points] == [2, 4, 6]


def test_average_is_that_of_the_files(runs):
    """Of the factors: an update after n steps keeps (1 + n) / (10 + n) of it, n counted from 0, at most the decay."""
    average, files = None, runs["measured"][1]
    for n, path in enumerate(files, start=1):
        now = {name: tensor.double() for name, tensor in load_file(path).items()}
        told = load_file(path.with_stem(f"{path.stem}-ema"))
        if average is None:  # the weights before the first step are in no file
            average = {name: tensor.double() for name, tensor in told.items()}
            continue
        share = min(n / (9 + n), 0.9)
        average = {name: share * tensor + (1 - share) * now[name] for name, tensor in average.items()}
        for name, tensor in average.items():
            assert torch.allclose(told[name].double(), tensor, rtol=1e-5, atol=1e-8), (n, name)
    assert any(not torch.equal(load_file(files[-1])[name], tensor) for name, tensor in told.items())


def test_average_s_preview_is_txt2img_s_picture(webui, runs):
    name = runs["measured"][2][-1].name
    there = "train-tools/v1/projects/measured/versions/v1"
    asked = {"preview_prompts": "mochi, large, center", "preview_weights": "1", "preview_seeds": "7",
             "preview_steps": "8", "preview_cfg_scale": "5"}  # fmt: skip
    body = {"kind": "preview", "project": "measured", "version": "v1", "settings": {**SETTINGS, **MEASURED, **asked}}
    assert "error" not in webui.ask("train-tools/v1/jobs", {**body, "checkpoints": [name]})
    assert webui.wait("measured")["phase"] == "finished"
    [told] = [one for one in webui.ask(f"{there}/checkpoints")["checkpoints"] if one["name"] == name]
    stem = Path(webui.ask(f"{there}/checkpoints/{name}/install", {})["path"]).stem
    [made] = told["previews"]
    shown = webui.picture(f"<lora:{stem}:1>mochi, large, center", seed=7)
    assert Image.open(webui.root / made).convert("RGB").tobytes() == shown.tobytes()
