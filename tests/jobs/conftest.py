import pytest

from lib_train.app.service import Service
from lib_train.config.codec import from_json
from tests.fakes import FakeHost, Notes


@pytest.fixture
def config(pictures):
    found, _ = from_json({
        "train_data_dir": [str(pictures)], "resolution": 64,
        "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": 4, "save_every_n_steps": 2,
    })  # fmt: skip
    return found


@pytest.fixture
def base_model(tmp_path):
    (tmp_path / "A.safetensors").touch()
    return tmp_path / "A.safetensors"


@pytest.fixture
def service(tmp_path, base_model):
    return Service(FakeHost(base_model), tmp_path / "out", Notes())
