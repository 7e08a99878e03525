import pytest

from lib_train.store.projects import open_project
from tests.store.samples import CONFIG


@pytest.fixture
def project(tmp_path):
    """A project with one version: settings, a picture, a checkpoint."""
    project = open_project(tmp_path, "mochi")
    version = project.version("v1")
    version.keep_settings(CONFIG)
    (version.part("dataset", "train", "10_mochi") / "a.PNG").write_bytes(b"x")
    (version.part("checkpoints") / "a.safetensors").write_bytes(b"x")
    return project
