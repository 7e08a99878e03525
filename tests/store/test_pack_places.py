from pathlib import Path

import pytest

from lib_train.errors import ArchiveError
from lib_train.store.pack_places import last_part, packed_from, unpacked_into, with_paths

SETTINGS = {"base_model": "/me/a.ckpt", "dataset": {"train_data_dir": ["/me/x", "y"], "caption_prefix": "/me"},
            "made_of": {"path": "/me/secret/v.pt", "title": "v"}, "logging_dir": "C:\\me\\logs", "n": 3}  # fmt: skip


def test_paths_are_changed_and_texts_are_not():
    seen = []
    found = with_paths(SETTINGS, lambda key, text: str(seen.append((key, text))))
    assert seen == [
        ("base_model", "/me/a.ckpt"), ("train_data_dir", "/me/x"), ("train_data_dir", "y"),
        ("path", "/me/secret/v.pt"), ("logging_dir", "C:\\me\\logs"),
    ]  # fmt: skip
    assert (found["dataset"]["caption_prefix"], found["made_of"]["title"], found["n"]) == ("/me", "v", 3)


def test_paths_below_the_project_go_into_an_archive_and_come_out_elsewhere(tmp_path):
    one, other = tmp_path / "one" / "p", tmp_path / "other" / "p"
    packed = packed_from(one)("train_data_dir", str(one / "given" / "1" / "x"))
    assert packed == "archive:given/1/x"
    assert unpacked_into(other, "a.zip")("train_data_dir", packed) == str(other / "given" / "1" / "x")


@pytest.mark.parametrize("change", [packed_from(Path("/p")), unpacked_into(Path("/p"), "a.zip")])
def test_of_other_paths_the_name_alone_stays(change):
    assert change("path", "/home/me/x.safetensors") == "x.safetensors"
    assert change("path", "x.safetensors") == "x.safetensors"


@pytest.mark.parametrize("place", ["../x", "/etc", "given/../../x", "", "other"])
def test_place_that_leads_out_of_the_project_is_refused(place):
    with pytest.raises(ArchiveError, match=r"a\.zip: train_data_dir in it names"):
        unpacked_into(Path("/p"), "a.zip")("train_data_dir", f"archive:{place}")


def test_last_part_of_a_share_and_of_a_folder():
    assert [last_part(text) for text in ("\\\\nas\\sd\\a.ckpt", "/a/b/", "b")] == ["a.ckpt", "b", "b"]
