import pytest
from PIL import Image
from safetensors import safe_open

from lib_train.app.service import Service
from lib_train.config.codec import config_of
from lib_train.errors import TrainToolsError
from tests.fakes import FakeHost

ATTEMPTS = {
    "train, no pictures named": lambda service: service.train("mochi", "v1", config_of({})),
    "train, no such base model": lambda service: service.train("mochi", "v1", config_of({"base_model": "nowhere"})),
    "train, name": lambda service: service.train("mochi", "a/b", config_of({})),
    "resume": lambda service: service.resume("mochi", "v1"),
    "resume, run": lambda service: service.resume("mochi", "v1", "r007"),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_run_that_cannot_begin_makes_no_project(tmp_path, attempt):
    (tmp_path / "A.safetensors").touch()
    with pytest.raises(TrainToolsError):
        ATTEMPTS[attempt](Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("resolution", ["", "64"])
def test_run_without_a_resolution_is_one_of_the_models_own_in_every_place(tmp_path, pictures, resolution):
    (tmp_path / "A.safetensors").write_bytes(b"a base model")
    service = Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out")
    config = config_of({
        "train_data_dir": str(pictures), "resolution": resolution, "network_dim": 2, "max_train_steps": 2,
        "color_aug": True, "bucket_reso_steps": 32, "preview_prompts": "mochi", "preview_steps": 1,
        "min_bucket_reso": 96,
    })  # fmt: skip
    plan = service.plan(config)
    assert (plan.resolution, set(plan.buckets)) == ((64, 64), {(64, 64)})
    assert any(note.startswith("min_bucket_reso = 96 is above") for note in plan.notes)
    outcome = service.train("mochi", "v1", config)
    run_json = outcome.run.settings()
    assert run_json["config"]["dataset"]["resolution"] == ([64] if resolution else [64, 64])
    assert run_json["config"]["dataset"]["cache_latents"] is False
    assert run_json["kind"]["resolution"] == [64, 64]
    with safe_open(outcome.checkpoints[-1], "pt") as file:
        metadata = file.metadata()
    assert (metadata["ss_resolution"], metadata["ss_cache_latents"]) == ("(64, 64)", "False")
    assert metadata["modelspec.resolution"] == "64x64"
    drawn = [path for path in outcome.grids[0].parent.rglob("*.png") if path not in outcome.grids]
    for path in drawn:
        with Image.open(path) as picture:
            assert picture.size == (64, 64)
    assert len(drawn) == 2
    kept = outcome.run.version.settings()[0].dataset
    assert (kept.resolution, kept.cache_latents) == ((64,) if resolution else (), True)  # as they were set
