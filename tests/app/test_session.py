import io
from typing import Any

import pytest

from lib_train.app.projects import Projects
from lib_train.errors import ConfigError, HostBusyError, ProjectError
from tests.moves import ended, now_of


def test_pictures_are_uploaded_listed_and_never_written_over(session, pictures):
    png = next(pictures.rglob("*.png"))
    Projects(session.root).create("p")
    for kept, same in ((2, 0), (0, 2)):
        given = {f"C:\\pics\\{png.name}": png.read_bytes(), "a.txt": b"mochi", "run.exe": b"MZ"}
        files = [(name, io.BytesIO(content)) for name, content in given.items()]
        found = session.upload("p", "v1", "cat", 3, files)
        assert (found["kept"], found["same"], found["left_out"], found["refused"]) == (kept, same, 1, [])
    listed = session.gallery.listed("p", "v1")["pictures"]
    assert [(p["name"], p["repeats"], p["folder"]) for p in listed] == [(png.name, 3, "3_cat")]
    assert (session.root / "p/versions/v1/dataset/train/3_cat" / png.name).read_bytes() == png.read_bytes()
    with pytest.raises(ProjectError):
        session.upload("p", "v1", "../x", 3, [])
    with pytest.raises(ConfigError):
        session.upload("p", "v1", "cat", 0, [])


def test_the_host_is_asked_to_forget_missing_files_when_one_is_deleted_and_whenever_a_page_asks(session, monkeypatch):
    """A file may be deleted by hand, or move with a project that is renamed."""
    existed, file = [], session._service.version("p", "v1").part("checkpoints") / "p-v1-r001.safetensors"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    monkeypatch.setattr(session.host, "forget_missing_loras", lambda: existed.append(file.exists()))
    now_of(session, "p", "v1")
    session.delete_checkpoint("p", "v1", file.name)
    assert existed == [True, False]


def test_checkpoint_is_not_deleted_while_pictures_of_it_are_made(session, settings, rendered):
    session.train("p", "v1", settings)
    ended(session)
    newest, older = (one["name"] for one in session.checkpoints("p", "v1"))
    refused = []

    def delete():
        session.delete_checkpoint("p", "v1", older)
        with pytest.raises(HostBusyError, match=f"{newest}: pictures of it are being made") as caught:
            session.delete_checkpoint("p", "v1", newest)
        refused.append(caught)

    rendered(delete)
    session.preview("p", "v1", [newest], {**settings, "preview_prompts": "a", "preview_weights": "1"})
    ended(session)
    assert len(refused) == 1
    assert [one["name"] for one in session.checkpoints("p", "v1")] == [newest]


def test_version_is_neither_renamed_nor_deleted_while_it_is_trained_or_waits(session, settings, monkeypatch):
    refused = []

    def between_steps(done, total):
        if (done, total) == (1, 4):
            session.add("p", "v2", settings)
            projects = session.projects
            acts: list[Any] = [(projects.rename, "p", "new"), (projects.delete, "p")]
            acts += [(projects.rename_version, "p", version, "new") for version in ("v1", "v2")]
            acts += [(projects.delete_version, "p", version) for version in ("v1", "v2")]
            for act, *given in acts:
                with pytest.raises(HostBusyError, match=r"stop it first|remove it from the queue first") as caught:
                    act(*given)
                refused.append(str(caught.value))
        return (done, total) != (1, 4)

    session.host.between_steps = between_steps
    session.train("p", "v1", settings)
    ended(session, "stopped")
    assert len(refused) == 6
    session.queue.remove(session.queue.snapshot()["waiting"][0]["number"])
    session.projects.rename_version("p", "v1", "new")
    assert session.projects.versions("p") == ["new", "v2"]
    session.resume("p", "new")
    ended(session)
