import errno
import io
import os

import pytest

from lib_train.app.uploads import take_in


class Torn(io.BytesIO):
    """An upload whose end does not come, or that the disk does not take."""

    def read(self, *args):
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(100)


def sent(*files):
    return [(path, io.BytesIO(content)) for path, content in files]


def put(folder, *files):
    """What came of it: kept, same, renamed, left out; and the sentences."""
    taken = take_in(folder, "10_subject", sent(*files))
    return (taken.kept, taken.same, taken.renamed, taken.left_out), taken.to_json()["refused"]


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)).replace(os.sep, "/"): path.read_bytes() for path in files}


def test_folders_keep_their_repeats_and_other_files_go_into_the_default(tmp_path):
    files = [
        ("set/dataset/train/5_cat/a.png", b"1"), ("set/dataset/train/5_cat/a.txt", b"cat"), ("5_cat/deep/b.png", b"2"),
        ("set/dataset/reg/1_pet/a.png", b"3"), ("holiday/a.png", b"4"), ("b.webp", b"5"), ("0_cat/c.png", b"6"),
    ]  # fmt: skip
    assert put(tmp_path, *files) == ((7, 0, 0, 0), [])
    assert contents(tmp_path) == {
        "train/5_cat/a.png": b"1", "train/5_cat/a.txt": b"cat", "train/5_cat/b.png": b"2", "reg/1_pet/a.png": b"3",
        "train/10_subject/a.png": b"4", "train/10_subject/b.webp": b"5", "train/10_subject/c.png": b"6",
    }  # fmt: skip


def test_the_same_files_again_are_counted_and_nothing_changes(tmp_path):
    files = [("5_cat/a.png", b"1"), ("5_cat/a.txt", b"cat")]
    put(tmp_path, *files)
    before = contents(tmp_path)
    assert put(tmp_path, *files) == ((0, 2, 0, 0), [])
    assert contents(tmp_path) == before


def test_another_picture_of_a_name_gets_a_number_and_its_captions_with_it(tmp_path):
    put(tmp_path, ("a.png", b"1"), ("a.txt", b"one"))
    other = [("a.txt", b"two"), ("a.png", b"2"), ("a.caption", b"two more")]
    for after in ((3, 0, 1, 0), (0, 3, 0, 0)):
        assert put(tmp_path, *other) == (after, [])
    assert put(tmp_path, ("x/a.png", b"3"), ("y/a.png", b"4"))[0] == (2, 0, 2, 0)
    assert contents(tmp_path / "train" / "10_subject") == {
        "a.png": b"1", "a.txt": b"one", "a-2.png": b"2", "a-2.txt": b"two", "a-2.caption": b"two more",
        "a-3.png": b"3", "a-4.png": b"4",
    }  # fmt: skip


def test_caption_of_other_words_is_told_and_stays_as_it_is(tmp_path):
    put(tmp_path, ("a.png", b"1"), ("a.txt", b"one"))
    counts, refused = put(tmp_path, ("a.png", b"1"), ("a.txt", b"two"))
    assert (counts, refused) == ((0, 1, 0, 0), ["a.txt: a caption of other words is there already; it stays"])
    assert contents(tmp_path)["train/10_subject/a.txt"] == b"one"


def test_hidden_files_those_of_systems_and_others_are_counted(tmp_path):
    names = ("__MACOSX/5_cat/._a.png", "cat\\Thumbs.db", ".DS_Store", "5_cat/@eaDir/a.png", "run.py", "a\n.png", "")
    assert put(tmp_path, *((name, b"x") for name in names), ("5_cat/a.png", b"1")) == ((1, 0, 0, 7), [])
    assert list(contents(tmp_path)) == ["train/5_cat/a.png"]


@pytest.mark.parametrize("path", ["../../../a.png", "..\\..\\a.png", "/tmp/a.png", "C:\\a.png", "5_x/../../a.png"])
def test_no_path_leads_out_of_the_folder(tmp_path, path):
    assert put(tmp_path / "in", (path, b"new"))[0] == (1, 0, 0, 0)
    (only,) = contents(tmp_path)
    assert (only.startswith("in/train/"), only.endswith("/a.png")) == (True, True)


def test_link_is_not_followed_and_not_written_over(tmp_path):
    folder = tmp_path / "in" / "train" / "10_subject"
    folder.mkdir(parents=True)
    (folder / "a.png").symlink_to(tmp_path / "made.png")
    (folder.parent / "5_out").symlink_to(tmp_path)
    counts, refused = put(tmp_path / "in", ("a.png", b"1"), ("5_out/b.png", b"2"))
    assert counts == (1, 0, 1, 0)
    assert refused == ["train/5_out: the folder cannot be made (it is a link; put the folder itself there)"]
    assert (folder / "a-2.png").read_bytes() == b"1"
    assert not (tmp_path / "made.png").exists()
    assert not (tmp_path / "b.png").exists()


def test_upload_that_does_not_fit_appears_not_at_all_and_the_retry_works(tmp_path):
    taken = take_in(tmp_path, "10_subject", [("a.png", Torn(b"x" * 500)), *sent(("b.png", b"b"))])
    assert (taken.kept, taken.refused) == (1, ["a.png: cannot be written (No space left on device)"])
    assert contents(tmp_path) == {"train/10_subject/b.png": b"b"}
    assert put(tmp_path, ("a.png", b"a")) == ((1, 0, 0, 0), [])


def test_upload_writes_over_nothing_even_where_there_are_no_hard_links(tmp_path, monkeypatch):
    put(tmp_path, ("a.png", b"mine"))
    monkeypatch.setattr(os, "link", lambda *args: (_ for _ in ()).throw(OSError(errno.EPERM, "no links")))
    assert put(tmp_path, ("a.png", b"new"), ("b.png", b"b"))[0] == (2, 0, 1, 0)
    assert contents(tmp_path)["train/10_subject/a.png"] == b"mine"


def test_name_that_is_there_in_another_unicode_form_is_that_name(tmp_path):
    put(tmp_path, ("cafe\u0301.png", b"x"))
    assert put(tmp_path, ("caf\u00e9.png", b"x"))[0] == (0, 1, 0, 0)


def test_sentences_are_ten_and_a_count_of_the_rest(tmp_path):
    counts, refused = put(tmp_path, *((f"{'x' * 300}{number}.png", b"x") for number in range(600)))
    assert (counts, len(refused), refused[-1]) == ((0, 0, 0, 0), 11, "and 590 more")
