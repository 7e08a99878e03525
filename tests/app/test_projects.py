from contextlib import nullcontext

import pytest

from lib_train.app.projects import Projects
from lib_train.errors import HostBusyError, ProjectError
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run


@pytest.fixture
def projects(tmp_path):
    return Projects(tmp_path)


def test_project_is_made_with_a_first_version_copied_renamed_and_deleted(projects):
    assert projects.create(" 猫 ") == ("猫", "v1")
    assert projects.names() == ["猫"]
    assert projects.copy_version("猫", "v1", " v2") == "v2"
    assert projects.create_version("猫", "v3 ") == "v3"
    assert projects.rename_version("猫", "v3", "dim 16 ") == "dim 16"
    assert projects.versions("猫") == ["dim 16", "v1", "v2"]
    assert projects.rename("猫", " cat") == "cat"
    projects.delete_version("cat", "v2")
    assert projects.versions("cat") == ["dim 16", "v1"]
    projects.delete("cat")
    assert projects.names() == []
    assert len(list((projects.root / ".trash").iterdir())) == 2


ACTIONS = {
    "create": lambda projects, name: projects.create(name),
    "rename": lambda projects, name: projects.rename("p", name),
    "delete": lambda projects, name: projects.delete("p"),
    "create version": lambda projects, name: projects.create_version("p", name),
    "copy version": lambda projects, name: projects.copy_version("p", "v1", name),
    "rename version": lambda projects, name: projects.rename_version("p", "v1", name),
    "delete version": lambda projects, name: projects.delete_version("p", "v1"),
}


@pytest.mark.parametrize(
    ("there", "name", "free"),
    [((), "", "lora"), (("lora", "lora 3"), "", "lora 2"), (("cat",), " cat ", "cat 2"), (("cat",), "dog", "dog"),
     (("cat 2", "cat 3"), "cat 2", "cat 4"), (("7",), "7", "7 2"), (("e\u0301",), "\u00e9", "\u00e9 2"),
     (("x" * 64,), "x" * 64, "x" * 62 + " 2"), (("猫" * 33,), "猫" * 33, "猫" * 32 + " 2")],
)  # fmt: skip
def test_free_name_has_the_lowest_number_that_nothing_has(projects, there, name, free):
    for one in there:
        (projects.root / one).mkdir()
    assert projects.free_name(name) == free
    assert projects.create_free(name) == (free, "v1")
    assert free in projects.names()


@pytest.mark.parametrize("taken", ["a file", "a link to nothing"])
def test_free_name_is_free_of_files_and_dead_links_too(projects, taken):
    place = projects.root / "cat"
    place.write_text("") if taken == "a file" else place.symlink_to(projects.root / "none")
    assert projects.create_free("cat") == ("cat 2", "v1")


@pytest.mark.parametrize("name", ["../x", "con", ".x", "x" * 65])
def test_free_name_is_no_way_around_the_rules_of_names(projects, name):
    with pytest.raises(ProjectError, match="project = "):
        projects.create_free(name)
    assert projects.names() == []


@pytest.mark.parametrize(
    ("action", "name"),
    [("create", "p"), ("create version", "v1"), ("copy version", "v1"), ("rename version", "v1"), ("rename", "p"),
     ("create", "../x"), ("create version", ""), ("create", "con")],
)  # fmt: skip
def test_taken_or_unusable_names_are_refused_and_nothing_changes(projects, action, name):
    projects.create("p")
    with pytest.raises(ProjectError):
        ACTIONS[action](projects, name)
    assert (projects.names(), projects.versions("p")) == (["p"], ["v1"])


@pytest.mark.parametrize("action", ["rename version", "delete version", "rename", "delete"])
@pytest.mark.parametrize("used", ["by a run", "by previews", "by a job"])
def test_what_is_in_use_is_neither_renamed_nor_deleted(tmp_path, action, used):
    used_names = []

    def refuse(project, version):
        used_names.append((project, version))
        raise HostBusyError("it goes on")

    projects = Projects(tmp_path, *([refuse] if used == "by a job" else []))
    projects.create("p")
    version = open_project(tmp_path, "p").version("v1")
    place = {"by a run": new_run(version, {}).held, "by previews": version.drawn, "by a job": nullcontext}[used]
    with (
        place(),
        pytest.raises(HostBusyError, match="(r001|previews) is in use by this|it goes on"),
    ):
        ACTIONS[action](projects, "new")
    assert (projects.names(), projects.versions("p")) == (["p"], ["v1"])
    assert used_names == ([("p", "v1" if action.endswith("version") else "")] if used == "by a job" else [])
    if used != "by a job":
        ACTIONS[action](projects, "new")
        assert (projects.names(), projects.versions("p")) != (["p"], ["v1"])


def test_a_project_can_be_added_to_while_it_is_in_use(tmp_path):
    projects = Projects(tmp_path, lambda project, version: 1 / 0)  # type: ignore[arg-type]
    projects.create("p")
    with new_run(open_project(tmp_path, "p").version("v1"), {}).held():
        projects.create_version("p", "v2")
        projects.copy_version("p", "v1", "v3")
    assert projects.versions("p") == ["v1", "v2", "v3"]


def test_notes_are_kept_with_the_project(projects):
    projects.create("p")
    projects.write_notes("p", "wears a red scarf")
    with pytest.raises(ProjectError, match="project = 'gone': there is none of this name"):
        projects.write_notes("gone", "x")
    assert projects.one("p")["notes"] == "wears a red scarf"
