import os
import sys

import pytest

from lib_train.pictures.changes import Failed, Left, Link, content_of, digest_of, move, swap


def test_file_is_changed_from_what_it_is_and_not_twice(tmp_path):
    path = tmp_path / "new" / "a.txt"
    assert swap(path, None, b"x")
    assert not swap(path, None, b"x")
    assert swap(path, b"x", None)
    assert content_of(path) is None


def test_file_of_another_content_is_left(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"theirs")
    with pytest.raises(Left, match="was changed meanwhile"):
        swap(path, b"x", b"y")
    assert path.read_bytes() == b"theirs"


@pytest.mark.parametrize("content", [b"", b"\0\0\0"])
def test_file_that_a_power_cut_emptied_is_taken_for_ours_only_where_it_may_be(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(Left):
        swap(path, b"x", b"y")
    assert swap(path, b"x", b"y", torn=True)
    assert path.read_bytes() == b"y"


def test_link_is_put_back_as_a_link(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    swap(path, b"x", Link("nowhere"))
    assert content_of(path) == Link("nowhere")


def test_folder_in_place_of_a_caption_is_said(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(Failed, match=r"cannot be changed \(Is a directory\)"):
        swap(tmp_path / "a.txt", None, b"x")


def test_file_is_renamed_in_case_alone_but_not_over_its_hard_link(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    assert move(tmp_path / "a.png", tmp_path / "A.png")
    os.link(tmp_path / "A.png", tmp_path / "b.png")
    with pytest.raises(Left, match=r"b\.png is there already"):
        move(tmp_path / "A.png", tmp_path / "b.png")


def test_file_that_was_moved_before_is_not_moved_again(tmp_path):
    (tmp_path / "b.png").write_bytes(b"x")
    assert not move(tmp_path / "a.png", tmp_path / "b.png")
    with pytest.raises(Left, match="is not there any more"):
        move(tmp_path / "a.png", tmp_path / "c.png")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_link_itself_is_moved_and_what_it_leads_to_stays(tmp_path):
    (tmp_path / "far.png").write_bytes(b"far")
    (tmp_path / "a.png").symlink_to(tmp_path / "far.png")
    assert move(tmp_path / "a.png", tmp_path / "out" / "a.png")
    assert (tmp_path / "out" / "a.png").is_symlink()
    assert (tmp_path / "far.png").read_bytes() == b"far"


def test_digest_tells_contents_apart(tmp_path):
    for name, content in (("a", b"x"), ("b", b"x"), ("c", b"y")):
        (tmp_path / name).write_bytes(content)
    digests = [digest_of(tmp_path / name) for name in "abc"]
    assert digests[0] == digests[1] != digests[2]
