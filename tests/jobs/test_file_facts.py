import json
import shutil

import pytest

from lib_train.app.service import Service
from lib_train.checkpoints.files import read_metadata
from lib_train.config.codec import from_json
from lib_train.host.standalone.host import StandaloneHost
from lib_train.store.layout import OLDER_ROOT
from tests.fakes import FakeHost


@pytest.fixture
def config(checkpoints):
    found, _ = from_json({
        "base_model": str(checkpoints["sd1"]), "resolution": 64, "min_bucket_reso": 64, "network_dim": 2,
        "train_batch_size": 2, "max_train_steps": 2, "preview_after_training": False,
        "optimizer_args": {"weight_decay": 0.1},
    })  # fmt: skip
    return found


def test_file_tells_the_optimizers_class_the_pictures_and_how_far_the_buckets_bend_them(tmp_path, pictures, config):
    root = tmp_path / OLDER_ROOT
    shutil.copytree(pictures, root / "mii" / "versions" / "v1" / "dataset" / "processed")
    outcome = Service(StandaloneHost(device="cpu"), root).train("mii", "v1", config)
    metadata = read_metadata(outcome.checkpoints[-1])
    assert metadata["ss_optimizer"] == "torch.optim.adamw.AdamW(weight_decay=0.1)"
    folders = json.loads(metadata["ss_dataset_dirs"])
    assert folders.keys() == {path.name for path in pictures.iterdir()}
    # one picture of three is 192 x 64, and at this size there is one bucket, a square
    assert json.loads(metadata["ss_bucket_info"])["mean_img_ar_error"] == pytest.approx(2 / 3)


def test_settings_name_no_folder_of_their_own_so_that_a_project_may_move(tmp_path, pictures, config):
    place = tmp_path / "out" / "p" / "versions" / "v1" / "dataset" / "train"
    shutil.copytree(pictures, place)
    outcome = Service(StandaloneHost(device="cpu"), tmp_path / "out").train("p", "v1", config)
    assert str(tmp_path) not in json.dumps(outcome.run.settings()["config"]["dataset"])
    kept, _ = outcome.run.version.settings()
    assert kept.dataset.train_data_dir == ()


@pytest.mark.parametrize(("setting", "steps"), [(0, 0), (0.3, 3), (0.99, 10), (1, 1), (4, 4)])
def test_file_tells_the_warmup_in_the_steps_in_which_the_rate_rose(tmp_path, pictures, setting, steps):
    (tmp_path / "A.safetensors").write_bytes(b"A")
    config, _ = from_json({
        "train_data_dir": [str(pictures)], "resolution": 64, "min_bucket_reso": 64, "max_train_steps": 10,
        "lr_scheduler": "constant_with_warmup", "lr_warmup_steps": setting, "learning_rate": 1e-3,
    })  # fmt: skip
    outcome = Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out").train("p", "v1", config)
    assert read_metadata(outcome.checkpoints[-1])["ss_lr_warmup_steps"] == str(steps)
    rates = [event["lr"]["unet"] for event in outcome.run.events() if event["event"] == "StepDone"]
    assert sum(rate < 1e-3 for rate in rates) == steps
