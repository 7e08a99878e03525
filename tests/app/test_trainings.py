import pytest

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
