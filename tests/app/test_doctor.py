import os
import time
from dataclasses import replace

import pytest
from PIL import Image

from lib_train.app.doctor import finding, put_back, take_out, treat
from lib_train.app.examinations import Limits
from lib_train.app.picture_sets import set_of_folder
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, DatasetError
from lib_train.pictures.doctor import examine


@pytest.fixture
def pictures(tmp_path):
    """Three small pictures, of which two are the same file, and a caption with a tag twice."""
    folder = tmp_path / "10_mochi"
    folder.mkdir()
    for number, colour in enumerate(("red", "red", "blue")):
        Image.linear_gradient("L").resize((64, 64 + 16 * (number > 1))).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("mochi, hat, hat" if colour == "blue" else "mochi, hat")
    dataset = DatasetConfig(train_data_dir=(str(tmp_path),), resolution=(64,), min_bucket_reso=64)
    found = set_of_folder(tmp_path, RunConfig(dataset=dataset))
    found.catalog.measure(dataset)
    return found


def codes(pictures):
    return [one.code for one in pictures.findings()]


def test_findings_follow_the_files(pictures, tmp_path):
    assert "tag_twice" in codes(pictures)
    (tmp_path / "10_mochi" / "2.txt").write_text("mochi, sea")
    assert "tag_twice" not in codes(pictures)


def test_pictures_are_examined_again_only_when_something_changed(pictures, tmp_path, monkeypatch):
    checks = []
    monkeypatch.setattr(examine, "CHECKS", {lambda case: checks.append(1) or iter(()): ()})
    for _ in range(3):
        pictures.findings()
        pictures.findings(recent=True)
    assert len(checks) == 1
    (tmp_path / "10_mochi" / "2.txt").write_text("mochi, sea")
    pictures.findings()
    assert len(checks) == 2


def test_limits_are_those_of_the_run(pictures):
    pictures.catalog.count({entry.line: 76 for entry in pictures.entries()})
    assert "too_long" not in codes(pictures)
    assert "too_long" in codes(replace(pictures, limits=Limits(max_tokens=75)))
    assert "too_long" not in codes(replace(pictures, limits=Limits(max_tokens=76)))
    assert "too_long" in codes(replace(pictures, limits=Limits(max_tokens=76, around=1)))


def test_one_finding_is_given_by_its_code(pictures):
    assert finding(pictures, "duplicate").ids != ()
    assert finding(pictures, "weights").ids == ()
    with pytest.raises(ConfigError, match="must be one of unreadable"):
        finding(pictures, "nonsense")


def test_remedy_concerns_the_chosen_pictures_of_the_finding_alone(pictures):
    ids = {entry.path.name: entry.id for entry in pictures.entries()}
    assert treat(pictures, "duplicate", ids=[ids["2.png"]]).files == ()
    assert treat(pictures, "duplicate", ids=[ids["1.png"], ids["2.png"]]).files == ("1.png",)


def test_best_remedy_among_those_that_are_allowed_is_taken(pictures, tmp_path):
    (tmp_path / "10_mochi" / "3.png").write_bytes(b"no picture")
    pictures.catalog.measure(pictures.dataset)
    with pytest.raises(ConfigError, match="nothing is done against unreadable here"):
        treat(pictures, "unreadable", among=("dedupe",))
    assert treat(pictures, "unreadable").files == ("3.png",)


def test_caption_that_somebody_changed_meanwhile_is_left_and_named(pictures, tmp_path, monkeypatch):
    file, entries = tmp_path / "10_mochi" / "2.txt", pictures.entries()
    monkeypatch.setattr(type(pictures), "entries", lambda self: entries)
    file.write_text("mochi, mine")
    treated = treat(pictures, "tag_twice")
    assert (treated.edit, file.read_text()) == (None, "mochi, mine")
    assert "2.txt: was changed meanwhile" in treated.left


def test_edits_are_undone_by_the_journal(pictures, tmp_path):
    before = {path: path.read_bytes() for path in (tmp_path / "10_mochi").iterdir()}
    take_out(pictures, pictures.chosen("hat"))
    assert list((tmp_path / "10_mochi").iterdir()) == []
    put_back(pictures, pictures.chosen("is:left_out"))
    treat(pictures, "tag_twice")
    for _ in range(3):
        pictures.journal().undo()
    assert {path: path.read_bytes() for path in (tmp_path / "10_mochi").iterdir()} == before


def test_filter_knows_buckets_and_problems(pictures):
    assert [one.path.name for one in pictures.chosen("problem:duplicate")] == ["1.png"]
    assert [one.path.name for one in pictures.chosen("bucket:64x64 -problem:duplicate")] == ["0.png", "2.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_folder_that_cannot_be_read_is_named(pictures, tmp_path):
    chosen = list(pictures.entries())
    (tmp_path / "10_mochi").chmod(0)
    try:
        with pytest.raises(DatasetError, match="10_mochi"):
            take_out(pictures, chosen)
    finally:
        (tmp_path / "10_mochi").chmod(0o755)


def test_findings_that_are_known_take_no_time(pictures):
    pictures.findings()
    begun = time.process_time()
    for _ in range(100):
        pictures.findings(recent=True)
    assert time.process_time() - begun < 1
