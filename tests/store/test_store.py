import json

import pytest

from lib_train.errors import ProjectError
from lib_train.store.layout import below, checked_name
from lib_train.store.projects import open_project, projects, read_json
from lib_train.store.runs import new_run, run_named, runs_of


@pytest.mark.parametrize("name", ["mochi", "もち 2", "a-b_c.d", "小猫", "x" * 64])
def test_names_of_any_script_are_fine(name):
    assert checked_name(name, "project") == name


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "../x", "a/b", "a\\b", ".hidden", "a.", "CON", "com1.txt", "x" * 65, "a:b", "a\nb", ".."]
)
def test_dangerous_names_are_refused(name):
    with pytest.raises(ProjectError, match="project = "):
        checked_name(name, "project")


def test_links_that_lead_out_are_refused(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "p").symlink_to(tmp_path)
    with pytest.raises(ProjectError, match="lies outside of"):
        below(root, "p", "x")


def test_versions_are_made_listed_copied_and_settings_kept(tmp_path):
    project = open_project(tmp_path, "mochi")
    version = project.version("v1")
    version.keep_settings({"seed": 1})
    pictures = version.part("dataset", "train", "10_mochi")
    (pictures / "a.png").write_bytes(b"x")
    copy = project.copy_version("v1", "v2")
    assert [v.name for v in project.versions()] == ["v1", "v2"]
    assert copy.settings() == {"seed": 1}
    assert copy.pictures() == copy.folder / "dataset" / "train"
    assert version.pictures("reg") is None
    with pytest.raises(ProjectError, match="there is one of this name already"):
        project.copy_version("v1", "v2")


def test_deleted_things_lie_in_the_trash(tmp_path):
    project = open_project(tmp_path, "mochi")
    version = project.version("v1")
    (version.part("checkpoints") / "a.safetensors").write_bytes(b"x")
    where = version.delete()
    assert (where / "checkpoints" / "a.safetensors").read_bytes() == b"x"
    assert project.versions() == []
    project.version("v1").delete()
    project.delete()
    assert projects(tmp_path) == []
    assert len(list((tmp_path / ".trash").iterdir())) == 3


def test_renaming_keeps_everything_and_never_replaces(tmp_path):
    project = open_project(tmp_path, "mochi")
    project.version("v1").keep_settings({"seed": 1})
    open_project(tmp_path, "taken")
    with pytest.raises(ProjectError, match="there is one of this name already"):
        project.rename("taken")
    assert project.rename("neko").version("v1").settings() == {"seed": 1}


def test_notes_stay_beside_what_others_wrote(tmp_path):
    project = open_project(tmp_path, "mochi")
    file = project.folder / "project.json"
    file.write_text(json.dumps({**read_json(file), "other": 1}))
    project.keep_notes("良い")
    assert project.notes() == "良い"
    assert read_json(file)["other"] == 1


def test_broken_json_is_named(tmp_path):
    project = open_project(tmp_path, "mochi")
    (project.folder / "project.json").write_text("{")
    with pytest.raises(ProjectError, match=r"project\.json: cannot be read"):
        project.notes()


def test_runs_get_new_names_and_checkpoints_are_unique_across_runs(tmp_path):
    version = open_project(tmp_path, "mochi").version("v1")
    one, two = (new_run(version, {"config": {}}) for _ in range(2))
    assert [run.name for run in runs_of(version)] == ["r001", "r002"]
    names = {
        run.checkpoint_path(step, 2, last=last, ends_epoch=ends).name
        for run in (one, two)
        for step, last, ends in ((8, False, True), (9, False, False), (10, True, True))
    }
    assert names == {f"mochi-v1-r00{r}{end}.safetensors" for r in (1, 2) for end in ("-000002", "-step00000009", "")}
    assert run_named(version, "") == two
    with pytest.raises(ProjectError, match=r"resume = 'r9': .* has no such run \(it has r001, r002\)"):
        run_named(version, "r9")


def test_log_survives_a_torn_line_and_forgets_what_is_done_again(tmp_path):
    run = new_run(open_project(tmp_path, "mochi").version("v1"), {"config": {}})
    for step in (1, 2, 3):
        run.log({"event": "StepDone", "step": step})
    with (run.folder / "events.jsonl").open("a") as file:
        file.write('{"event": "Ste')
    assert [event["step"] for event in run.events()] == [1, 2, 3]
    run.forget_after(2)
    assert [event["step"] for event in run.events()] == [1, 2]
    assert not run.finished()
