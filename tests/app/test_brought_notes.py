import pytest

from lib_train.store.choices import Choice, choices_of, choose
from lib_train.store.pack_files import pack_at
from lib_train.store.version_notes import keep_notes, notes_of

FIRST = {"notes": "of both", "conclusion": "none yet", "best": ""}


@pytest.fixture
def told(home, cloud, pictures, tmp_path):
    """Packs a version with notes, writes some there and some here, and brings the results home twice."""
    version = home.project(pictures)
    keep_notes(version, FIRST)

    def bring(there, here):
        archive = home.pack(tmp_path / "p.zip").path
        cloud.train(archive)
        keep_notes(cloud.take_in(archive).named("v1"), there)
        cloud.train(archive)
        keep_notes(version, here)
        brought = home.unpack(tmp_path / "p-results.zip")
        assert not home.unpack(tmp_path / "p-results.zip").notes_came
        found = notes_of(version)
        return {name: getattr(found, name) for name in FIRST}, brought.lines()[1:]

    return bring


def test_what_was_written_there_alone_comes_home(told):
    written = {"notes": "of both\n/and/more", "conclusion": "rank 8 is enough", "best": "p-v1-r001.safetensors"}
    found, lines = told(written, {})
    assert found == written
    assert lines == [f"v1: {what}: came from there" for what in ("notes", "the conclusion", "the best checkpoint")]


def test_what_was_written_here_meanwhile_stays_and_that_of_there_stands_behind_it(told):
    there = {"notes": "of there", "conclusion": "of there too", "best": "p-v1-r001.safetensors"}
    here = {"notes": "of both, and here", "best": "mine.safetensors"}
    found, lines = told(there, here)
    assert found == {"notes": "of both, and here\n\nof there", "conclusion": "of there too",
                     "best": "mine.safetensors"}  # fmt: skip
    assert lines == [
        "v1: notes: changed here and there; what was written there stands behind yours",
        "v1: the conclusion: came from there",
        "v1: the best checkpoint was found there to be p-v1-r001.safetensors; mine.safetensors stays the one here",
    ]


@pytest.mark.parametrize("there", [{}, {"notes": "", "conclusion": ""}])
def test_notes_that_nobody_wrote_there_change_nothing(told, there):
    found, lines = told(there, {"conclusion": "of here"})
    assert (found, lines) == ({**FIRST, "conclusion": "of here"}, [])


def test_results_bring_no_notes_that_are_those_that_were_packed(home, cloud, pictures, tmp_path):
    keep_notes(home.project(pictures), {"notes": "/of/both"})
    cloud.train(home.pack(tmp_path / "p.zip").path)
    with pack_at(tmp_path / "p-results.zip") as pack:
        assert pack.has("versions/v1/notes.json") is None


def test_stars_and_notes_of_checkpoints_come_home_and_those_of_here_stay(home, cloud, pictures, tmp_path):
    version = home.project(pictures)
    archive = home.pack(tmp_path / "p.zip").path
    cloud.train(archive)
    there, file = cloud.take_in(archive).named("v1"), "p-v1-r001.safetensors"
    choose(there, file, {"verdict": "starred", "note": "sharp"})
    choose(there, "gone.safetensors", {"verdict": "rejected"})
    cloud.train(archive)
    assert home.unpack(tmp_path / "p-results.zip").notes_came
    assert choices_of(version) == {file: Choice("starred", "sharp")}
    assert not home.unpack(tmp_path / "p-results.zip").notes_came
    choose(version, file, {"verdict": "rejected", "note": "too dark"})
    home.unpack(tmp_path / "p-results.zip")
    assert choices_of(version) == {file: Choice("rejected", "too dark\n\nsharp")}
