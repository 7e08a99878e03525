import shutil

import pytest

from lib_train.errors import ProjectError
from lib_train.store.projects import open_project, projects
from tests.store.samples import CONFIG


def test_copied_version_has_settings_and_pictures_but_no_checkpoints(project):
    copy = project.version("v1").copy("v2")
    assert copy.settings()[0] == CONFIG
    assert [path.name for path in copy.pictures().rglob("*.PNG")] == ["a.PNG"]
    assert copy.checkpoints() == []
    assert len(project.version("v1").checkpoints()) == 1


def test_copied_project_has_notes_and_all_versions(project):
    project.keep_notes("good")
    project.version("v1").copy("v2")
    copy = project.copy("neko")
    assert copy.notes() == "good"
    assert [(v.name, v.settings()[0], bool(v.pictures())) for v in copy.versions()] == [
        ("v1", CONFIG, True),
        ("v2", CONFIG, True),
    ]


def test_copy_that_fails_leaves_nothing_behind(project, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(ProjectError, match=r"v2: cannot be copied to .*No space left"):
        project.version("v1").copy("v2")
    assert [path.name for path in (project.folder / "versions").iterdir()] == ["v1"]


def test_renamed_project_and_version_keep_everything(project):
    project.version("v1").rename("v 2")
    renamed = project.rename("neko")
    version = renamed.version("v 2")
    assert version.settings()[0] == CONFIG
    assert [path.name for path in version.checkpoints()] == ["a.safetensors"]
    assert [p.name for p in projects(project.root)] == ["neko"]


@pytest.mark.parametrize("act", ["rename", "copy"])
def test_taken_bad_and_missing_names_are_refused(project, act):
    open_project(project.root, "taken").version("v1")
    project.version("taken")
    for thing in (project, project.version("v1")):
        with pytest.raises(ProjectError, match="= 'taken': there is one of this name already"):
            getattr(thing, act)("taken")
        with pytest.raises(ProjectError, match="use letters"):
            getattr(thing, act)("../x")
    gone = project.version("gone")
    gone.delete()
    with pytest.raises(ProjectError, match="version = 'gone': there is none of this name"):
        getattr(gone, act)("new")


def test_deleted_things_lie_whole_in_the_trash(project):
    where = project.version("v1").delete()
    assert (where / "checkpoints" / "a.safetensors").read_bytes() == b"x"
    assert where.parent == project.root / ".trash"
    assert project.versions() == []
    project.version("v1").delete()
    project.delete()
    assert projects(project.root) == []
    assert len(list((project.root / ".trash").iterdir())) == 3
    with pytest.raises(ProjectError, match="cannot be moved to"):
        project.delete()
