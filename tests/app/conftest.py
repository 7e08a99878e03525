import shutil

import pytest

from lib_train.app.session import Session
from lib_train.host.standalone.host import StandaloneHost
from tests.app.journeys import Home
from tests.fakes import FakeHost


@pytest.fixture
def settings(pictures):
    """A run of four steps on two of three pictures at a time."""
    return {
        "train_data_dir": [str(pictures)], "resolution": "64",
        "min_bucket_reso": "64", "network_dim": "2", "train_batch_size": "2", "max_train_steps": "4",
        "save_every_n_steps": "2", "save_every_n_epochs": "", "preview_steps": "1",
    }  # fmt: skip


@pytest.fixture
def session(tmp_path):
    """On a stand-in host that has a LoRA folder."""
    (tmp_path / "A.safetensors").touch()
    return Session(FakeHost(tmp_path / "A.safetensors", loras=tmp_path / "loras"), tmp_path / "out")


@pytest.fixture
def rendered(monkeypatch):
    """Starts a list of the requests that the host renders from then on; ``before_each`` is called before each."""

    def recorded(before_each=lambda: None):
        requests, render = [], FakeHost.render

        def record(host, model, wanted):
            for request, picture in zip(wanted, render(host, model, wanted), strict=True):
                before_each()
                requests.append(request)
                yield picture

        monkeypatch.setattr(FakeHost, "render", record)
        return requests

    return recorded


@pytest.fixture
def folder(tmp_path, pictures):
    """Own pictures of version v1 of project p."""
    there = tmp_path / "out" / "p" / "versions" / "v1" / "dataset" / "train"
    shutil.copytree(pictures, there)
    return there / "2_mochi"


@pytest.fixture
def gallery(tmp_path, folder):
    """Of that version, on a host without a WebUI."""
    return Session(StandaloneHost(device="cpu"), tmp_path / "out").gallery


@pytest.fixture
def home(tmp_path):
    """Where projects are packed, and come home to."""
    return Home(tmp_path / "home")


@pytest.fixture
def cloud(tmp_path):
    """Another machine, on which the base model has another name."""
    return Home(tmp_path / "cloud", name="other name.safetensors")
