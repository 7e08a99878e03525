import pytest

from lib_train.app.checkpoint_names import checkpoint_named, checkpoint_names
from lib_train.errors import ProjectError
from lib_train.store.projects import open_project


@pytest.fixture
def root(tmp_path):
    for project, version, stem in (("a", "v1", "a-v1-r001"), ("a", "v2", "a-v2-r001"), ("b c", "v1", "b-1")):
        folder = open_project(tmp_path, project).named(version).part("checkpoints")
        (folder / f"{stem}.safetensors").write_bytes(b"x")
    return tmp_path


def test_checkpoints_are_named_by_project_and_version_and_found_by_these_names(root):
    names = checkpoint_names(root)
    assert names == ["a/v1/a-v1-r001", "a/v2/a-v2-r001", "b c/v1/b-1"]
    assert [checkpoint_named(root, name).stem for name in names] == ["a-v1-r001", "a-v2-r001", "b-1"]
    assert checkpoint_named(root, " a/v1/a-v1-r001.safetensors").stem == "a-v1-r001"


@pytest.mark.parametrize("name", ["", "a", "a/v1", "a/v1/x", "x/v1/a-v1-r001", "a/v1/a-v1-r001/y", "../a/v1"])
def test_other_names_are_refused(root, name):
    with pytest.raises(ProjectError):
        checkpoint_named(root, name)
