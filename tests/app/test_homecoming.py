import shutil
import zipfile

import pytest

from lib_train.app.homecoming import bring_home
from lib_train.errors import ArchiveError, FileError, HostBusyError, ProjectError
from lib_train.locks import held
from lib_train.store.pack_files import pack_at
from lib_train.store.projects import project_named
from lib_train.store.runs import checkpoints_of, runs_of
from tests.app.journeys import Home, at_once, files, go_on, stopping_after
from tests.full_disk import at_each_write
from tests.killed import killed_at


@pytest.fixture
def version(home, pictures):
    return home.project(pictures)


@pytest.fixture
def results(home, cloud, version, tmp_path):
    """Of one training elsewhere, of which home knows nothing yet."""
    cloud.train(home.pack(tmp_path / "p.zip").path)
    return tmp_path / "p-results.zip"


def new_files(before, after):
    return sorted(after.keys() - before.keys())


RUN = "p/versions/v1/runs/r001"
FILES = "p/versions/v1/checkpoints"


def test_results_come_home_and_nothing_else_is_changed(home, cloud, results):
    before = files(home.root)
    brought = home.unpack(results)
    after = files(home.root)
    assert {path: after[path] for path in before} == before
    assert [path for path in new_files(before, after) if "/previews/" not in path] == [
        f"{FILES}/p-v1-r001-step00000002.safetensors", f"{FILES}/p-v1-r001.safetensors",
        f"{RUN}/events.jsonl", f"{RUN}/metrics.csv", f"{RUN}/pictures.jsonl", f"{RUN}/run.json",
    ]  # fmt: skip
    there = files(cloud.root)
    assert all(after[path] == there[path] for path in new_files(before, after) if not path.endswith("run.json"))
    assert brought.lines() == ["p: came home: checkpoints: 2, runs: 1, previews and sheets: 4"]
    assert [one.run for one in checkpoints_of(project_named(home.root, "p").named("v1"))] == ["r001", "r001"]


def test_twice_adds_nothing_and_says_so(home, results):
    home.unpack(results)
    before = files(home.root)
    assert home.unpack(results).lines() == ["p: all of it was here already; nothing was added"]
    assert files(home.root) == before


def test_project_that_was_renamed_meanwhile_is_found(home, version, results):
    version.project.rename("q")
    assert home.unpack(results).project == "q"
    assert home.unpack(results).lines() == ["q: all of it was here already; nothing was added"]
    assert not (home.root / "p").exists()


def test_project_that_is_not_known_or_is_there_twice_is_asked_for(home, version, results, tmp_path):
    version.project.rename("q")
    project_named(home.root, "q").copy("r")
    with pytest.raises(ProjectError, match=r"which project of .* is not known \(it was packed from p\); name it with"):
        home.unpack(results)
    assert home.unpack(results, project="r").project == "r"
    empty = Home(tmp_path / "empty")
    with pytest.raises(ProjectError, match="holds results for the project p, which is not in"):
        empty.unpack(results)
    with pytest.raises(ProjectError, match="project = 'x': there is none of this name"):
        home.unpack(results, project="x")


def test_version_that_is_gone_is_made_anew(home, version, results):
    version.delete()
    assert "version v1: was missing here, and was made anew" in home.unpack(results).lines()
    assert len(runs_of(version)) == 1


def test_jobs_that_were_done_wait_at_home_no_more(home, cloud, version, tmp_path):
    home.session().add("p", "v1", name="packed")
    archive = home.pack(tmp_path / "p.zip").path
    home.session().add("p", "v1", name="later")
    cloud.train(archive)
    brought = home.unpack(tmp_path / "p-results.zip")
    assert "jobs that were done there and wait here no more: 1" in brought.lines()
    assert [one["name"] for one in home.session().queue.snapshot()["waiting"]] == ["later"]


def test_pictures_that_were_changed_at_home_stay_and_are_named(home, version, results):
    folder = version.inside("dataset", "train", "2_mochi")
    (folder / "0.txt").write_text("mochi, mended")
    (folder / "1.png").unlink()
    (folder / "9.png").write_bytes((folder / "2.png").read_bytes())
    lines = home.unpack(results).lines()
    assert lines[-1] == (
        "pictures and captions that were changed here since it was packed, and stay so: 3 (0.txt, 1.png, 9.png)"
    )
    assert (folder / "0.txt").read_text() == "mochi, mended"


def test_notes_of_elsewhere_come_behind_those_of_home(home, cloud, version, tmp_path):
    version.project.keep_notes("first")
    archive = home.pack(tmp_path / "p.zip").path
    cloud.take_in(archive).keep_notes("works at 0.8")
    cloud.train(archive)
    version.project.keep_notes("first, and more")
    home.unpack(tmp_path / "p-results.zip")
    home.unpack(tmp_path / "p-results.zip")
    assert version.project.notes() == "first, and more\n\nworks at 0.8"


def test_pictures_of_folders_outside_that_were_changed_at_home_are_named(home, cloud, pictures, tmp_path):
    other = tmp_path / "more" / pictures.name
    shutil.copytree(pictures, other)
    home.project(train_data_dir=f"{pictures}\n{other}")
    cloud.train(home.pack(tmp_path / "p.zip").path)
    assert home.unpack(tmp_path / "p-results.zip").lines() == [
        "p: came home: checkpoints: 2, runs: 1, previews and sheets: 4"
    ]
    (pictures / "2_mochi" / "0.txt").write_text("mochi, mended")
    (other / "2_mochi" / "1.png").unlink()
    (other / "2_mochi" / "9.png").write_bytes((other / "2_mochi" / "2.png").read_bytes())
    assert home.unpack(tmp_path / "p-results.zip").lines()[-1] == (
        "pictures and captions that were changed here since it was packed, and stay so: 3 (0.txt, 1.png, 9.png)"
    )


def test_later_results_of_the_same_archive_bring_what_was_missing(home, cloud, version, tmp_path):
    archive = home.pack(tmp_path / "p.zip").path
    wishes, cloud.host.between_steps = stopping_after(3)
    cloud.train(archive, wishes=wishes)
    assert home.unpack(tmp_path / "p-results.zip").checkpoints == 1
    cloud.host.between_steps = lambda done, total: True
    cloud.train(archive)
    brought = home.unpack(tmp_path / "p-results.zip")
    assert (brought.runs, brought.checkpoints, runs_of(version)[0].finished()) == (["r001"], 1, True)


def test_another_file_of_the_name_is_not_written_over(home, version, results):
    mine = version.part("previews") / "base" / "base-p1-s1-w0.png"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    brought = home.unpack(results)
    assert mine.read_bytes() == b"mine"
    assert f"{mine.name}: another file of this name is here; it came as base-p1-s1-w0-2.png" in brought.lines()
    assert not home.unpack(results).is_new


def test_damaged_results_write_nothing(home, results):
    content = bytearray(results.read_bytes())
    with zipfile.ZipFile(results) as archive:
        last = max(archive.infolist()[:-1], key=lambda one: one.header_offset)
    content[last.header_offset + 30 + len(last.filename) + 50] ^= 1
    results.write_bytes(content)
    before = files(home.root)
    with pytest.raises(ArchiveError, match="in it is damaged; copy or pack it anew"):
        home.unpack(results)
    assert files(home.root) == before


def test_archive_of_a_project_is_no_results(home, results):
    with pytest.raises(ArchiveError, match="holds a project, and no results"):
        home.unpack(results.with_name("p.zip"))


def test_two_at_once_bring_it_once(home, version, results):
    found = at_once(*[lambda: home.unpack(results)] * 2)
    assert any(isinstance(one, HostBusyError) for one in found) or sum(one.is_new for one in found) == 1
    assert [run.name for run in runs_of(version)] == ["r001"]
    with held(version.project.folder / ".unpack.lock", "p"), pytest.raises(HostBusyError, match="p is held by"):
        home.unpack(results)


def test_full_disk_loses_nothing_and_the_next_time_brings_the_rest(home, results, tmp_path, monkeypatch):
    (tmp_path / "disks").mkdir()
    whole = None

    def bring(root):
        with pack_at(results) as pack:
            return bring_home(pack, root / "out", go_on)

    def prepare(root):
        shutil.copytree(home.root, root / "out")

    before = files(home.root)
    for root, answer in at_each_write(monkeypatch, tmp_path / "disks", prepare, bring):
        there = files(root / "out")
        assert {path: there.get(path) for path in before} == before
        if isinstance(answer, Exception):
            assert isinstance(answer, FileError)
            bring(root)
        paths = sorted(path for path in files(root / "out") if ".lock" not in path)
        whole = whole or paths
        assert paths == whole


@pytest.mark.parametrize("calls", [0, 4, 8, 14])
def test_homecoming_that_is_killed_is_finished_by_the_next_one(home, results, tmp_path, calls):
    assert killed_at("fsync", calls, lambda: home.unpack(results))
    home.unpack(results)
    version = project_named(home.root, "p").named("v1")
    assert [run.name for run in runs_of(version)] == ["r001"]
    assert len(version.checkpoints()) == 2
    assert len(list(version.inside("previews").rglob("*.png"))) == 4
    assert not home.unpack(results).is_new


def test_folder_that_cannot_be_written_to_is_named(home, version, results, monkeypatch):
    import os

    from lib_train import files as writer

    def refuse(*given):
        raise PermissionError(13, "Permission denied", str(version.folder / "runs"))

    monkeypatch.setattr(writer, "_name", refuse)
    before = files(home.root)
    with pytest.raises(FileError, match="(Permission denied|cannot be written)"):
        home.unpack(results)
    assert files(home.root) == before
    assert os.access(version.folder, os.W_OK)
