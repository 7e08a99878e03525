"""What is promised of the WebUI around us, on the real one."""

import math
import shutil
import time
from pathlib import Path

import pytest
from PIL import Image

from lib_train.app.sample import SAMPLES
from lib_train.app.service import Service
from lib_train.checkpoints.files import read_network
from lib_train.config.codec import config_of
from lib_train.host.standalone.host import StandaloneHost
from tests.webui.patience import until

pytestmark = pytest.mark.webui

SETTINGS = {
    "train_data_dir": str(SAMPLES / "train"), "reg_data_dir": str(SAMPLES / "reg"), "resolution": "128",
    "enable_bucket": False, "network_dim": "8", "network_alpha": "8", "conv_dim": "4", "learning_rate": "2e-3",
    "train_batch_size": "4", "max_train_steps": "20", "save_every_n_epochs": "", "preview_steps": "8",
    "preview_cfg_scale": "5",
}  # fmt: skip


@pytest.fixture(scope="module")
def before(webui):
    picture = webui.picture("red circle, large", seed=5)  # first, as below
    return {"probe": webui.ask("probe/weights"), "picture": picture}


def require_untouched(webui, before):
    picture = webui.picture("red circle, large", seed=5)  # first: it takes off the LoRA of a request before it
    assert picture.tobytes() == before["picture"].tobytes()
    assert webui.ask("probe/weights") == before["probe"]


def apart(path, other):
    """How far two files' updates are from each other, relative: the worst layer, and all layers together."""
    one, two = read_network(path)[0], read_network(other)[0]
    assert one.keys() == two.keys()
    norms = []
    for key in one:
        if key.endswith("lora_up.weight"):
            down = key.replace("lora_up", "lora_down")
            deltas = [file[key].float().flatten(1) @ file[down].float().flatten(1) for file in (one, two)]
            norms.append((float((deltas[0] - deltas[1]).norm()), float(deltas[0].norm())))
    return max(off / size for off, size in norms), math.hypot(*(n[0] for n in norms)) / math.hypot(
        *(n[1] for n in norms)
    )


def test_our_script_costs_the_webui_s_start_next_to_nothing(webui):
    profile = webui.ask("internal/profile-startup")
    ours = [profile["records"][f"{part}.py"] for part in ("load scripts/train_tools", "app_started_callback/webui_tab")]
    print(f"\nstart: {', '.join(f'{one:.2f}' for one in ours)} of {profile['total']:.1f} s")  # noqa: T201
    assert sum(ours) < 0.03 * profile["total"]


@pytest.mark.parametrize(("optimizer", "rate"), [("SGD", "1"), ("AdamW", "1e-4")])
def test_losses_and_file_equal_those_of_the_standalone_host(webui, before, tmp_path, optimizer, rate):
    """The other host runs on another PyTorch; AdamW makes of its rounding up to 1 % of a layer's small update."""
    project = f"equal-{optimizer}"
    settings = {**SETTINGS, "optimizer_type": optimizer, "learning_rate": rate, "save_precision": "float"}
    webui.train(project, settings)
    seen = webui.wait(project)
    assert seen["phase"] == "finished", seen
    outcome = Service(StandaloneHost(device="cpu"), tmp_path).train(project, "v1", config_of(settings))
    ours = [event["loss"] for event in outcome.run.events() if event["event"] == "StepDone"]
    theirs = [loss for _, loss in seen["series"]["loss"]]
    assert len(ours) == len(theirs) == 20
    furthest = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    worst, together = apart(webui.checkpoints(project)[0], outcome.checkpoints[-1])
    print(f"\n{optimizer}: losses {furthest:.1e} apart, updates {together:.1e}, worst layer {worst:.1e}")  # noqa: T201
    assert furthest < 1e-4
    assert (worst if optimizer == "SGD" else together) < 1e-3
    require_untouched(webui, before)


@pytest.mark.parametrize("sampler", ["Euler a", "DPM++ 2M Karras", "DDIM"])
def test_preview_is_pixel_identical_to_txt2img_with_the_installed_file(webui, before, sampler):
    if not webui.checkpoints("shown"):
        webui.train("shown", SETTINGS)
        assert webui.wait("shown")["phase"] == "finished"
    asked = {"preview_prompts": "mochi, large, center", "preview_weights": "0.5, 1", "preview_seeds": "7"}
    settings, there = {**SETTINGS, **asked, "preview_sampler": sampler}, "train-tools/v1/projects/shown/versions/v1"
    earlier = {path for one in webui.ask(f"{there}/checkpoints")["checkpoints"] for path in one["previews"]}
    body = {"kind": "preview", "project": "shown", "version": "v1", "settings": settings}
    assert "error" not in webui.ask("train-tools/v1/jobs", body)
    assert webui.wait("shown")["phase"] == "finished"
    found = webui.ask(f"{there}/checkpoints")["checkpoints"][0]
    made = [webui.root / path for path in found["previews"] if path not in earlier]
    installed = webui.ask(f"{there}/checkpoints/{found['name']}/install", {})
    stem = Path(installed["path"]).stem
    assert len(made) == 2
    for path in made:
        weight = path.stem.partition("-w")[2].split("-")[0]
        name, _, scheduler = sampler.partition(" Karras")
        more = {"sampler_name": name, "scheduler": "Karras"} if sampler.endswith("Karras") else {"sampler_name": name}
        shown = webui.picture(f"<lora:{stem}:{weight}>mochi, large, center", seed=7, **more)
        assert Image.open(path).convert("RGB").tobytes() == shown.tobytes(), (sampler, weight)
        assert f"<lora:{stem}:{weight}>" in Image.open(path).text["parameters"]  # type: ignore[attr-defined]
    require_untouched(webui, before)


def test_stopped_and_failed_runs_leave_the_host_untouched_too(webui, before):
    webui.train("stopped", {**SETTINGS, "max_train_steps": "4000"})
    until(lambda: (webui.now()["step"] or 0) > 2)
    webui.ask("train-tools/v1/jobs/stop", {})
    assert webui.wait("stopped")["phase"] == "stopped"
    require_untouched(webui, before)
    webui.train("failed", {**SETTINGS, "learning_rate": "1000", "optimizer_type": "SGD", "max_train_steps": "400"})
    seen = webui.wait("failed")
    assert (seen["phase"], "rate" in seen["error"]["message"]) == ("failed", True)
    require_untouched(webui, before)


def test_the_webui_s_own_interrupt_stops_and_saves(webui, before):
    webui.train("interrupted", {**SETTINGS, "max_train_steps": "4000"})
    until(lambda: (webui.now()["step"] or 0) > 2)
    webui.ask("sdapi/v1/interrupt", {})
    seen = webui.wait("interrupted")
    assert (seen["phase"], seen["runs"][0]["resumable"]) == ("stopped", True)
    require_untouched(webui, before)


SIXTY = {**SETTINGS, "max_train_steps": "60", "preview_prompts": "mochi", "preview_weights": "1",
         "preview_after_training": False}  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(webui):
    """The project of a run of ``SIXTY`` settings that nobody disturbed."""
    webui.train("undisturbed", SIXTY)
    assert webui.wait("undisturbed")["phase"] == "finished"
    return "undisturbed"


def reload_ui(webui):
    before = webui.starts()
    webui.ask("probe/reload")
    until(lambda: webui.starts() > before)


def test_a_run_survives_reload_ui_and_is_the_same(webui, before, undisturbed):
    webui.train("reloaded", SIXTY)
    until(lambda: (webui.now()["step"] or 0) > 2)
    reload_ui(webui)
    seen = webui.now()
    assert (seen["busy"], 0 < seen["step"] < 60) == (True, True)
    assert webui.wait("reloaded")["phase"] == "finished"
    require_same_files(webui, undisturbed, "reloaded")
    require_untouched(webui, before)


def test_a_run_that_is_sampled_and_paused_leaves_the_model_free_and_is_the_same(webui, before, undisturbed):
    webui.train("paused", SIXTY)
    until(lambda: (webui.now()["step"] or 0) > 2)
    webui.ask("train-tools/v1/jobs/sample", {})
    until(lambda: any(c["previews"] for c in listed(webui, "paused")))
    webui.ask("train-tools/v1/jobs/pause", {})
    until(lambda: webui.now()["phase"] == "paused")
    require_untouched(webui, before)
    sampled = listed(webui, "paused")[0]
    stem = Path(sampled["name"]).stem
    shutil.copy(webui.checkpoints("paused")[0], webui.data / "models" / "Lora")
    webui.ask("sdapi/v1/refresh-loras", {})
    shown = webui.picture(f"<lora:{stem}:1>mochi", seed=1)
    assert shown.tobytes() == Image.open(webui.root / sampled["previews"][0]).convert("RGB").tobytes()
    reload_ui(webui)
    assert webui.now()["phase"] == "paused"
    webui.ask("train-tools/v1/jobs/continue", {})
    assert webui.wait("paused")["phase"] == "finished"
    require_same_files(webui, undisturbed, "paused")
    require_untouched(webui, before)


def listed(webui, project):
    return webui.ask(f"train-tools/v1/projects/{project}/versions/v1/checkpoints")["checkpoints"]


def require_same_files(webui, *projects):
    files = (webui.checkpoints(name)[0] for name in projects)
    assert all((a == b).all() for a, b in zip(*(read_network(file)[0].values() for file in files), strict=True))


def test_an_interrupt_during_previews_ends_them_as_stopped(webui, before):
    webui.train("drawn", {**SETTINGS, "max_train_steps": "2", "preview_prompts": ""})
    assert webui.wait("drawn")["phase"] == "finished"
    asked = {"preview_prompts": "mochi", "preview_seeds": ", ".join(str(seed) for seed in range(40))}
    body = {"kind": "preview", "project": "drawn", "version": "v1", "settings": {**SETTINGS, **asked}}
    assert "error" not in webui.ask("train-tools/v1/jobs", body)
    until(lambda: (webui.now()["work_done"] or 0) > 1)
    webui.ask("sdapi/v1/interrupt", {})
    seen = webui.wait("drawn")
    assert (seen["phase"], seen["outcome"]) == ("stopped", "the pictures made so far are kept")
    require_untouched(webui, before)


def test_requests_during_a_run_are_served_and_change_neither_pictures_nor_the_file(webui, before):
    settings = {**SETTINGS, "train_batch_size": "16", "max_train_steps": "60", "preview_prompts": ""}
    webui.train("quiet", settings)
    until(lambda: (webui.now()["step"] or 0) > 35)
    step = 1 / webui.now()["steps_per_second"]
    assert webui.wait("quiet")["phase"] == "finished"
    alone = {seed: timed(webui, seed) for seed in range(5)}
    webui.train("busy", settings)
    until(lambda: (webui.now()["step"] or 0) > 1)
    waits, passed = [], []
    for number in range(50):
        before_it = webui.now()["step"]
        seconds, picture = timed(webui, number % 5)
        assert picture == alone[number % 5][1], number
        waits.append(seconds)
        passed.append(webui.now()["step"] - before_it)
    during = webui.now()["step"]
    assert webui.wait("busy")["phase"] == "finished"
    own = max(seconds for seconds, _ in alone.values())
    print(f"\n50 requests over {during} steps: own {own:.2f} s, a step {step:.2f} s, "  # noqa: T201
          f"waited {sum(waits) / len(waits):.2f} s, longest {max(waits):.2f} s or {max(passed)} steps")  # fmt: skip
    assert max(passed) <= 3  # that in hand, and those while question and answer are on their way
    require_same_files(webui, "quiet", "busy")
    require_untouched(webui, before)


def timed(webui, seed):
    begun = time.monotonic()
    picture = webui.picture(f"blue square, {seed}", seed=seed, steps=4).tobytes()
    return time.monotonic() - begun, picture


def test_the_model_is_not_held_twice(webui, before):
    """What a run adds is its network's, its optimizer's and its caches': a fraction of the model."""
    loaded = webui.ask("probe/tensors")
    small = {"network_dim": "1", "network_alpha": "1", "conv_dim": "", "train_batch_size": "1"}
    webui.train("memory", {**SETTINGS, **small, "max_train_steps": "400"})
    until(lambda: (webui.now()["step"] or 0) > 5)
    during = webui.ask("probe/tensors")
    webui.ask("train-tools/v1/jobs/stop", {})
    assert webui.wait("memory")["phase"] == "stopped"
    after = webui.ask("probe/tensors")
    print(f"\nMB of tensors: model {loaded['model'] >> 20}, {loaded['all'] >> 20} before, "  # noqa: T201
          f"{during['all'] >> 20} during, {after['all'] >> 20} after; resident {webui.memory() >> 20}")  # fmt: skip
    assert loaded["all"] >= loaded["model"] > 20 << 20
    assert during["all"] - loaded["all"] < loaded["model"] / 4
    assert after["all"] - loaded["all"] < loaded["model"] / 50


def test_another_checkpoint_in_the_middle_of_a_run_is_noticed(webui, before):
    folder = webui.data / "models" / "Stable-diffusion"
    for ending in (".safetensors", ".yaml"):
        copy = folder / f"other{ending}"
        if not copy.exists():
            copy.write_bytes((folder / f"train-tools-embedded{ending}").read_bytes())
    webui.ask("sdapi/v1/refresh-checkpoints", {})
    webui.train("changed", {**SETTINGS, "max_train_steps": "4000"})
    until(lambda: (webui.now()["step"] or 0) > 2)
    webui.ask("sdapi/v1/options", {"sd_model_checkpoint": "other.safetensors"})
    webui.picture("red circle", steps=1)
    seen = webui.wait("changed")
    assert seen["phase"] == "failed"
    assert "other.safetensors" in seen["error"]["message"]
    assert seen["runs"][0]["resumable"]
    webui.ask("sdapi/v1/options", {"sd_model_checkpoint": "train-tools-embedded.safetensors"})
    webui.picture("red circle", steps=1)


def test_another_base_model_than_the_loaded_one_is_refused_at_once(webui):
    settings = {**SETTINGS, "base_model": "elsewhere.safetensors"}
    found = webui.ask(
        "train-tools/v1/jobs", {"kind": "train", "project": "named", "version": "v1", "settings": settings}
    )
    assert "choose it at its top" in found["error"]["message"]
    assert not webui.now()["busy"]
