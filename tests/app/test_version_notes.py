import threading

import pytest

from lib_train.app.projects import Projects
from lib_train.app.version_notes import Noting
from lib_train.app.versions import Versions
from lib_train.errors import ConfigError, ProjectError
from lib_train.store import version_notes

PLACE = "mochi", "v1"


@pytest.fixture
def noting(tmp_path):
    Projects(tmp_path).create("mochi")
    return Noting(Versions(tmp_path))


def test_each_of_the_notes_is_written_alone(noting):
    assert noting.of(*PLACE) == {"notes": "", "conclusion": "", "best": "", "copy_of": ""}
    noting.write(*PLACE, {"notes": "rank 8\n猫"})
    noting.write(*PLACE, {"conclusion": "too weak"})
    assert noting.of(*PLACE) == {"notes": "rank 8\n猫", "conclusion": "too weak", "best": "", "copy_of": ""}
    noting.write(*PLACE, {"notes": ""})
    assert noting.of(*PLACE)["notes"] == ""


def test_best_checkpoint_must_be_there(noting, tmp_path):
    (tmp_path / "mochi" / "versions" / "v1" / "checkpoints" / "a.safetensors").touch()
    assert noting.write(*PLACE, {"best": "a.safetensors"})["best"] == "a.safetensors"
    with pytest.raises(ConfigError, match=r"best = 'b': is no checkpoint of this version; choose one of a\.safeten"):
        noting.write(*PLACE, {"best": "b"})
    assert noting.write(*PLACE, {"best": ""})["best"] == ""


def test_a_copy_has_no_notes_and_says_of_which_version_it_is(noting, tmp_path):
    noting.write(*PLACE, {"notes": "mine", "conclusion": "good"})
    Projects(tmp_path).copy_version("mochi", "v1", "v2")
    assert noting.of("mochi", "v2") == {"notes": "", "conclusion": "", "best": "", "copy_of": "v1"}
    assert noting.of(*PLACE)["conclusion"] == "good"


def test_two_windows_that_write_at_once_lose_nothing(noting, monkeypatch):
    both, read = threading.Barrier(2), version_notes.read_json  # type: ignore[attr-defined]

    def slow(path):
        found = read(path)
        try:
            both.wait(0.2)
        except threading.BrokenBarrierError:
            both.reset()
        return found

    monkeypatch.setattr(version_notes, "read_json", slow)
    texts = {"notes": "one", "conclusion": "other"}
    threads = [threading.Thread(target=noting.write, args=(*PLACE, {name: text})) for name, text in texts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    assert texts.items() <= noting.of(*PLACE).items()


def test_notes_of_no_version_are_refused_and_none_is_made(noting, tmp_path):
    for ask in (lambda: noting.of("mochi", "v9"), lambda: noting.write("mochi", "v9", {"notes": "x"})):
        with pytest.raises(ProjectError, match="mochi v9: there is none of this name"):
            ask()
    assert not (tmp_path / "mochi" / "versions" / "v9").exists()
