import json
import stat
import zipfile
from pathlib import Path

import pytest

from lib_train.errors import ArchiveError, FileError
from lib_train.store import pack_files
from lib_train.store.pack_files import Cancelled, Item, pack_at, write_pack
from lib_train.store.packs import MANIFEST, PROJECT, Manifest
from tests.app.journeys import go_on

SAID = Manifest(kind=PROJECT, id="a" * 32, project="p", versions=["v1"])
PICTURE, CAPTION = "versions/v1/dataset/train/10_cat/a.png", "versions/v1/dataset/train/10_cat/a.txt"


@pytest.fixture
def archive(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG" + bytes(range(256)) * 9)
    items = [Item("project.json", b"{}"), Item(PICTURE, tmp_path / "a.png"), Item(CAPTION, b"cat, " * 100)]
    write_pack(tmp_path / "p.zip", SAID, items, go_on)
    return tmp_path / "p.zip"


def rewritten(archive, change):
    """The archive with other members: ``change`` gets each name and content, and gives the names and contents."""
    with zipfile.ZipFile(archive) as old:
        members = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(archive, "w") as new:
        for name, content in change(members):
            new.writestr(name, content)


@pytest.mark.parametrize("path", ["/dev/full", "/dev/zero", ".", "none.zip"])
def test_what_is_no_file_is_refused_and_a_device_that_never_ends_is_not_read(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pack_files, "opened_pack", lambda *given: pytest.fail("it was read"))
    assert refusal(Path(path)).startswith(f"{path}: ")


def refusal(archive, read=()):
    with pytest.raises(ArchiveError) as told, pack_at(archive) as pack:
        for path in read:
            pack.read(path)
    return str(told.value)


def test_files_come_back_and_pictures_are_not_packed_twice(archive, tmp_path):
    with pack_at(archive) as pack:
        assert pack.read(CAPTION) == b"cat, " * 100
        pack.copy(PICTURE, tmp_path / "out" / "a.png")
        assert [one.path for one in pack.below("versions/v1")] == [PICTURE, CAPTION]
    assert (tmp_path / "out" / "a.png").read_bytes() == (tmp_path / "a.png").read_bytes()
    with zipfile.ZipFile(archive) as found:
        kinds = {one.filename: one.compress_type for one in found.infolist()}
    assert (kinds[PICTURE], kinds[CAPTION]) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def test_what_is_no_archive_of_ours_is_told(tmp_path, archive):
    assert "there is no such file; check the path" in refusal(tmp_path / "gone.zip")
    (tmp_path / "x.zip").write_bytes(b"x" * 100)
    assert "is no whole archive of Train Tools; copy or pack it anew" in refusal(tmp_path / "x.zip")
    rewritten(archive, lambda members: [one for one in members if one[0] != MANIFEST])
    assert "is no archive of Train Tools; pictures come in by train-tools import" in refusal(archive)


def test_archive_that_was_cut_short_is_told_at_any_length(archive):
    content = archive.read_bytes()
    for length in range(0, len(content), 97):
        archive.write_bytes(content[:length])
        assert "is no whole archive of Train Tools; copy or pack it anew" in refusal(archive)


def test_each_flipped_byte_of_a_file_is_found(archive):
    content = archive.read_bytes()
    start = content.index(b"\x89PNG")
    for place in range(start, start + 2000, 211):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert refusal(archive, [PICTURE]) == f"p.zip: {PICTURE} in it is damaged; copy or pack it anew"


def test_file_with_another_content_and_the_right_checksum_of_the_zip_is_found(archive):
    rewritten(archive, lambda members: [(name, b"dog, " * 100 if name == CAPTION else one) for name, one in members])
    assert "in it is damaged" in refusal(archive, [CAPTION])


@pytest.mark.parametrize("path", ["../x.txt", "/x.txt", "given/../../x", "other/x"])
def test_file_that_leads_out_is_refused_before_anything_is_read(archive, path):
    def changed(members):
        manifest = json.loads(dict(members)[MANIFEST])
        manifest["files"].append([path, 1, "0" * 64])
        return [*members[:-1], (path, b"x"), (MANIFEST, json.dumps(manifest))]

    rewritten(archive, changed)
    assert f"p.zip: holds '{path}', which" in refusal(archive)


def test_link_in_an_archive_is_refused(archive):
    with zipfile.ZipFile(archive, "a") as found:
        link = zipfile.ZipInfo("given/1/link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        found.writestr(link, "/etc")
    assert "given/1/link: is a link" in refusal(archive)


def test_bomb_is_refused(archive):
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as found:
        found.writestr("given/1/a.txt", bytes(2**25))
    assert "would unpack from" in refusal(archive)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_stands_twice_is_refused(archive):
    rewritten(archive, lambda members: [*members, members[0]])
    assert "p.zip: holds 'project.json' twice" in refusal(archive)


def test_list_of_files_that_cannot_be_read_is_told(archive):
    for content in (b"{", b"[" * 100_000, b"\xff"):
        rewritten(archive, lambda members, content=content: [*members[:-1], (MANIFEST, content)])
        assert "its list of files cannot be read" in refusal(archive)


def test_names_that_not_every_system_keeps_are_refused_on_packing(tmp_path):
    for name in ("a:b.png", "con.png", "a .txt "):
        with pytest.raises(FileError, match="has a name that not every system can keep; rename it"):
            write_pack(tmp_path / "q.zip", SAID, [Item(f"given/1/{name}", b"")], go_on)
    with pytest.raises(FileError, match="given/1/a and given/1/A are one name on other systems"):
        write_pack(tmp_path / "q.zip", SAID, [Item("given/1/a", b""), Item("given/1/A", b"")], go_on)
    assert list(tmp_path.iterdir()) == []


def test_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(pack_files, "free_bytes", lambda folder: 0)
    with pytest.raises(FileError, match="the disk has 0 MiB free, and 1 are needed"):
        write_pack(tmp_path / "q.zip", SAID, [Item("given/1/a", bytes(2**20))], go_on)
    assert list(tmp_path.iterdir()) == []


def test_cancelled_packing_leaves_nothing(tmp_path):
    told = []
    with pytest.raises(Cancelled):
        write_pack(tmp_path / "q.zip", SAID, [Item("given/1/a", b"xy")], lambda *done: bool(told.append(done)))
    assert (told, list(tmp_path.iterdir())) == ([(2, 2)], [])


def test_file_that_vanishes_is_named(tmp_path):
    with pytest.raises(FileError, match=r"gone\.png: cannot be written \(No such file"):
        write_pack(tmp_path / "q.zip", SAID, [Item("given/1/a.png", tmp_path / "gone.png")], go_on)
    assert list(tmp_path.iterdir()) == []
