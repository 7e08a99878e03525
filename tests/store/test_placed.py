import os

import pytest

from lib_train.store.pack_files import Item, pack_at, write_pack
from lib_train.store.packs import PROJECT, Manifest
from lib_train.store.placed import place_file
from tests.app.journeys import go_on


@pytest.fixture
def pack(tmp_path):
    said = Manifest(kind=PROJECT, id="a" * 32, project="p")
    write_pack(tmp_path / "p.zip", said, [Item("given/1/a.bin", b"new")], go_on)
    with pack_at(tmp_path / "p.zip") as found:
        yield found


def test_file_comes_once_beside_others_of_its_name(pack, tmp_path):
    one, target = pack.has("given/1/a.bin"), tmp_path / "a.bin"
    target.write_bytes(b"old")
    assert place_file(pack, one, target) == tmp_path / "a-2.bin"
    assert place_file(pack, one, target) is None
    assert (target.read_bytes(), (tmp_path / "a-2.bin").read_bytes()) == (b"old", b"new")


def test_other_content_counts_by_itself(pack, tmp_path):
    one, target = pack.has("given/1/a.bin"), tmp_path / "a.bin"
    assert place_file(pack, one, target, b"mine") == target
    assert place_file(pack, one, target, b"mine") is None
    assert place_file(pack, one, target) == tmp_path / "a-2.bin"


def test_dead_link_and_folder_are_not_written_over(pack, tmp_path):
    os.symlink(tmp_path / "nowhere", tmp_path / "a.bin")
    (tmp_path / "a-2.bin").mkdir()
    assert place_file(pack, pack.has("given/1/a.bin"), tmp_path / "a.bin") == tmp_path / "a-3.bin"
    assert not (tmp_path / "nowhere").exists()
