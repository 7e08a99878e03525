import json
import os

import pytest

from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, HostBusyError, ProjectError
from lib_train.locks import held
from lib_train.store.json_files import read_json
from lib_train.store.projects import open_project, projects
from tests.store.samples import CONFIG


def test_projects_and_versions_are_listed_by_name(project):
    open_project(project.root, "a")
    (project.root / ".trash").mkdir()
    (project.folder / "versions" / "by hand").mkdir()
    assert [p.name for p in projects(project.root)] == ["a", "mochi"]
    assert [v.name for v in project.versions()] == ["by hand", "v1"]
    assert projects(project.root / "none") == []


def test_version_finds_its_own_pictures(project):
    version = project.version("v1")
    assert version.pictures() == version.folder / "dataset" / "train"
    assert version.pictures("reg") is None
    version.part("dataset", "reg", "1_cat")
    assert version.pictures("reg") is None


def test_settings_are_kept_with_what_only_the_file_knows(project):
    version = project.version("v1")
    path = version.folder / "version.json"
    path.write_text(json.dumps({**read_json(path), "future": 1}))
    version.keep_settings(RunConfig())
    config, notes = version.settings()
    assert config.network.network_dim == 16
    assert notes == ["future: not known, kept as it is"]
    assert read_json(path)["future"] == 1


def test_settings_of_a_newer_or_broken_file_are_never_written_over(project):
    version = project.version("v1")
    for text, error in (('{"schema": 99}', ConfigError), ("{", ProjectError)):
        (version.folder / "version.json").write_text(text)
        with pytest.raises(error):
            version.keep_settings(CONFIG)
        assert (version.folder / "version.json").read_text() == text


def test_new_version_has_the_default_settings(project):
    assert project.version("v2").settings() == (RunConfig(), [])


def test_checkpoints_are_listed_newest_first(project):
    folder = project.version("v1").part("checkpoints")
    for age, name in enumerate(("b.safetensors", "c.safetensors", ".d.safetensors", "e.txt")):
        (folder / name).touch()
        os.utime(folder / name, (1e9 - age, 1e9 - age))
    assert [p.name for p in project.version("v1").checkpoints()] == ["a.safetensors", "b.safetensors", "c.safetensors"]


def test_notes_stay_beside_what_others_wrote(project):
    file = project.folder / "project.json"
    file.write_text(json.dumps({**read_json(file), "other": 1}))
    project.keep_notes("良い")
    assert project.notes() == "良い"
    assert read_json(file)["other"] == 1


def test_version_that_is_a_link_out_of_the_root_is_refused(project, tmp_path_factory):
    (project.folder / "versions" / "out").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(ProjectError, match="'out': is a link that leads out of the output folder"):
        project.version("out")


@pytest.mark.parametrize(("there", "asked"), [("Cafe\u0301", "Caf\u00e9"), ("Caf\u00e9", "Cafe\u0301")])
def test_project_and_version_open_in_whatever_unicode_form_they_are_named(tmp_path, there, asked):
    (tmp_path / there / "versions" / there / "checkpoints").mkdir(parents=True)
    version = open_project(tmp_path, asked).version(asked)
    assert version.folder.samefile(tmp_path / there / "versions" / there)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    for act in ("copy", "rename"):
        with pytest.raises(ProjectError, match="there is one of this name already"):
            getattr(open_project(tmp_path, "other"), act)(asked)


def test_new_project_has_a_composed_name(tmp_path):
    open_project(tmp_path, "Cafe\u0301")
    open_project(tmp_path, "other").rename("Re\u0301ne")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Caf\u00e9", "R\u00e9ne"]


def test_what_systems_leave_behind_is_neither_project_nor_picture(tmp_path):
    for name in ("@eaDir", "__MACOSX", "lost+found", ".trash"):
        (tmp_path / name / "versions" / "v1").mkdir(parents=True)
    assert projects(tmp_path) == []
    version = open_project(tmp_path, "p").version("v1")
    for name in ("__MACOSX/._a.png", "5_x/._a.png", "@eaDir/a.png"):
        path = version.folder / "dataset" / "train" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert version.pictures() is None
    (version.folder / "dataset" / "train" / "5_x" / "a.png").touch()
    assert version.pictures() == version.folder / "dataset" / "train"


def test_version_whose_captions_are_being_edited_is_neither_renamed_nor_deleted(project):
    version = project.version("v1")
    with held(version.folder / ".edits.jsonl.lock", "the editing"):
        for act in (lambda: version.rename("v2"), version.delete):
            with pytest.raises(HostBusyError):
                act()
    assert version.rename("v2").name == "v2"


def test_copy_of_a_version_knows_which_tags_its_trigger_word_took_over(project):
    (project.version("v1").folder / "binding.json").write_text("{}")
    assert (project.version("v1").copy("v2").folder / "binding.json").read_text() == "{}"


def test_version_that_is_gone_is_not_made_anew_to_be_filled(tmp_path):
    version = open_project(tmp_path, "p").version("v1")
    version.rename("new")
    with pytest.raises(ProjectError, match="cannot be written"), version.filled():
        pass
    assert [one.name for one in open_project(tmp_path, "p").versions()] == ["new"]
