"""Whatever stands in the output folder: it opens, or is shown with its reason, and harms no other project."""

import os
import sys

import pytest

from lib_train.app.projects import Projects
from lib_train.app.session import Session
from lib_train.errors import ProjectError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.store.projects import open_project
from tests.moves import now_of

OPENS = (
    "Lena (2)", "my#proj", "a & b, c", "100% [ok]", "émile", "e\u0301mile2", "年糕", "🦊", "it's", "CON", " x ",
    "a" * 200,
)  # fmt: skip


@pytest.fixture
def root(tmp_path):
    open_project(tmp_path, "good").version("v1").keep({"seed": 7})
    return tmp_path


@pytest.fixture
def session(root):
    return Session(StandaloneHost(device="cpu"), root)


def looked(session, project="good", version="v1"):
    """Everything that a page asks of a version."""
    session.checkpoints(project, version), session.grids(project, version), session.base_previews(project, version)
    session.gallery.listed(project, version)
    return now_of(session, project, version)["runs"], session.kept.read(project, version)["values"]["seed"]


@pytest.mark.parametrize("name", OPENS)
def test_project_and_version_of_any_name_open(root, session, name):
    (root / name / "versions" / name).mkdir(parents=True)
    projects = Projects(root)
    assert {"good", name} <= set(projects.names())
    assert projects.versions(name) == [name]
    assert [one for one in projects.listed() if one["problem"]] == []
    assert session.kept.keep(name, name, {"seed": 9})["revision"] == 1
    assert looked(session, name, name) == ([], 9)
    assert looked(session) == ([], 7)


def test_name_may_be_composed_or_decomposed(root, session):
    (root / "e\u0301mile" / "versions" / "v1").mkdir(parents=True)
    session.kept.keep("\u00e9mile", "v1", {"seed": 9})
    assert session.kept.read("e\u0301mile", "v1")["values"]["seed"] == 9
    with pytest.raises(ProjectError, match="there is one of this name already"):
        Projects(root).create("\u00e9mile")


def dangling(root):
    (root / "odd").symlink_to(root / "none")


def link_out(root):
    (root.parent / "outside").mkdir(exist_ok=True)
    (root / "odd").symlink_to(root.parent / "outside")


def circle(root):
    (root / "odd").symlink_to(root / "odd")


def versions_file(root):
    (root / "odd").mkdir()
    (root / "odd" / "versions").write_text("")


def no_unicode(root):
    os.mkdir(os.fsencode(root) + b"/odd\xff")


def control_letter(root):
    (root / "odd\n").mkdir()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names and links as on Linux")
@pytest.mark.parametrize(
    ("made", "why"),
    [
        (dangling, "is a link to something that is not there"),
        (link_out, "is a link that leads out of the output folder"),
        (circle, "cannot be read (Too many levels of symbolic links)"),
        (versions_file, "versions in it is no folder"),
        (no_unicode, "no Unicode"),
        (control_letter, "cannot be seen"),
    ],
)
def test_project_that_cannot_be_opened_is_shown_with_its_reason(root, session, made, why):
    made(root)
    projects = Projects(root)
    assert projects.names() == ["good"]
    (shown,) = [one for one in projects.listed() if one["problem"]]
    assert (shown["name"].startswith("odd"), why in shown["problem"], shown["versions"]) == (True, True, [])
    assert shown["name"].encode()
    assert looked(session) == ([], 7)
    for name in ("odd", shown["name"]):
        assert now_of(session, name, "v1")["runs"] == []


def test_folder_without_permission_is_shown_with_its_reason(root, session, monkeypatch):
    (root / "odd" / "versions" / "v1").mkdir(parents=True)
    (root / "good" / "versions" / "shut").mkdir()
    scandir = os.scandir

    def forbidden(path):
        if str(path).endswith(("odd", "shut")):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidden)  # permissions do not stop a tester who is root
    projects = Projects(root)
    assert (projects.names(), projects.versions("good")) == (["good"], ["v1"])
    reason = "cannot be read (Permission denied); check its permissions"
    listed = {one["name"]: one for one in projects.listed()}
    assert listed["odd"]["problem"] == reason
    assert [one["problem"] for one in listed["good"]["versions"] if one["name"] == "shut"] == [reason]
    assert looked(session) == ([], 7)
    with pytest.raises(ProjectError, match="version = 'shut': cannot be read"):
        session.checkpoints("good", "shut")


@pytest.mark.parametrize("text", ["{", "[]", "7", "\x00", '{"notes": [1]}', "[" * 100_000])
def test_broken_project_json_costs_the_notes_alone(root, session, text):
    file = root / "good" / "project.json"
    file.write_text(text)
    assert Projects(root).names() == ["good"]
    assert looked(session) == ([], 7)
    if text != '{"notes": [1]}':
        with pytest.raises(ProjectError, match=r"project\.json"):
            Projects(root).one("good")
        with pytest.raises(ProjectError, match=r"project\.json"):
            Projects(root).write_notes("good", "new")
        assert file.read_text() == text


@pytest.mark.parametrize("name", ["checkpoints", "runs", "previews", "dataset", "cache"])
def test_file_where_a_folder_is_expected_stops_nothing_else(root, session, name):
    place = root / "good" / "versions" / "v1" / name
    if place.exists():
        place.rmdir()
    place.write_text("")
    assert looked(session) == ([], 7)
    assert Projects(root).versions("good") == ["v1"]


def test_link_to_a_checkpoint_that_is_gone_and_a_folder_of_its_name_are_left_out(root, session):
    folder = root / "good" / "versions" / "v1" / "checkpoints"
    (folder / "a.safetensors").write_bytes(b"x")
    (folder / "b.safetensors").mkdir()
    (folder / "c.safetensors").symlink_to(folder / "none")
    assert [one["name"] for one in session.checkpoints("good", "v1")] == ["a.safetensors"]


def test_root_that_is_a_file_or_cannot_be_read_leaves_an_empty_tab(tmp_path):
    (tmp_path / "file").write_text("")
    assert Projects(tmp_path / "file").names() == []
    with pytest.raises(ProjectError, match="cannot be made"):
        Projects(tmp_path / "file").create("x")
