import errno
import io
import os
from dataclasses import replace

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lib_train.pictures.arrivals import Ground
from lib_train.pictures.imports import take_in
from lib_train.pictures.places import Places
from lib_train.pictures.sources import sent as source


class Torn(io.BytesIO):
    """An upload whose end does not come, or that the disk does not take."""

    def read(self, *args):
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(100)


def sent(*files):
    streams = [(path, io.BytesIO(content) if isinstance(content, bytes) else content) for path, content in files]
    return [source(*one) for one in streams]


def ground(folder):
    return Ground(folder / "train", folder / "reg", replace(Places.of_folder(folder), origin=folder / "origin"))


def put(folder, *files, **wishes):
    """What came of it: kept, same, renamed, left out; and the sentences."""
    taken = take_in(ground(folder), "10_subject", sent(*files), **wishes)
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
    names = ("__MACOSX/5_cat/._a.png", "cat\\Thumbs.db", ".DS_Store", "5_cat/@eaDir/a.png", "run.py", "")
    assert put(tmp_path, *((name, b"x") for name in names), ("5_cat/a.png", b"1")) == ((1, 0, 0, 6), [])
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
    taken = take_in(ground(tmp_path), "10_subject", sent(("a.png", Torn(b"x" * 500)), ("b.png", b"b")))
    why = "a.png: cannot be written (No space left on device); make room or check permissions"
    assert (taken.kept, taken.refused) == (1, [why])
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


def png(colour="red", side=8, **saved):
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG", **saved)
    return out.getvalue()


def test_duplicate_members_of_one_name_are_both_taken_with_their_own_captions(tmp_path):
    files = [("a.png", png("red")), ("a.txt", b"red"), ("a.png", png("blue")), ("a.txt", b"blue")]
    assert put(tmp_path, *files) == ((4, 0, 1, 0), [])
    found = {name[-7:]: content for name, content in contents(tmp_path / "train").items() if name.endswith("txt")}
    assert sorted(found.values()) == [b"blue", b"red"]


def test_picture_of_another_format_gets_a_number_so_that_its_caption_is_its_own(tmp_path):
    put(tmp_path, ("a.jpg", b"1"), ("a.txt", b"one"))
    assert put(tmp_path, ("x/a.png", b"2"), ("x/a.txt", b"two")) == ((2, 0, 1, 0), [])
    assert contents(tmp_path / "train" / "10_subject") == {
        "a.jpg": b"1", "a.txt": b"one", "a-2.png": b"2", "a-2.txt": b"two",
    }  # fmt: skip
    assert put(tmp_path, ("y/b.png", b"3"), ("y/b.jpg", b"4"))[0] == (2, 0, 0, 0)


def test_caption_that_came_before_its_picture_is_found_by_it(tmp_path):
    put(tmp_path, ("a.txt", b"one"))
    assert put(tmp_path, ("a.png", b"1"))[0] == (1, 0, 0, 0)


def test_same_picture_under_another_name_is_taken_and_told(tmp_path):
    put(tmp_path, ("5_cat/a.png", png()))
    taken = take_in(ground(tmp_path), "10_subject", sent(("b.png", png()), ("c.png", png("blue"))))
    assert (taken.kept, taken.twice) == (2, ["b.png: is the same picture as 5_cat/a.png"])


def test_picture_that_cannot_be_read_is_taken_and_named(tmp_path):
    taken = take_in(ground(tmp_path), "10_subject", sent(("a.png", b"GIF"), ("b.png", png())))
    assert taken.kept == 2
    assert [line[:20] for line in taken.unreadable] == ["a.png: is none of PN"]


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_other_formats_become_png_and_the_file_itself_is_kept(tmp_path, kind):
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "blue").save(out, kind)
    name = f"a.{kind.lower()}"
    for counts in ((2, 0, 0, 0), (0, 2, 0, 0)):
        assert put(tmp_path, (f"5_cat/{name}", out.getvalue()), ("5_cat/a.txt", b"cat")) == (counts, [])
    assert sorted(contents(tmp_path)) == [f"origin/5_cat/{name}", "train/5_cat/a.png", "train/5_cat/a.txt"]
    assert contents(tmp_path)[f"origin/5_cat/{name}"] == out.getvalue()
    with Image.open(tmp_path / "train/5_cat/a.png") as made:
        assert (made.format, made.size, made.convert("RGB").getpixel((3, 3))) == ("PNG", (8, 6), (0, 0, 255))


def test_damaged_file_of_such_a_format_is_named_and_the_rest_goes_on(tmp_path):
    counts, refused = put(tmp_path, ("a.tif", b"II*\0broken"), ("b.heic", b"\0\0\0\x18ftypheic"), ("c.png", png()))
    assert counts == (1, 0, 0, 0)
    assert [line.split(":")[0] for line in refused] == ["a.tif", "b.heic"]
    assert "pip install pillow-heif" in refused[1]
    assert list(contents(tmp_path)) == ["train/10_subject/c.png"]


def test_file_that_is_longer_than_any_caption_is_named(tmp_path):
    counts, refused = put(tmp_path, ("a.txt", b"x" * (2**20 + 1)), ("a.png", png()))
    assert (counts, refused) == ((1, 0, 0, 0), ["a.txt: cannot be read (it is longer than 1 MiB and no caption)"])


def test_prompts_become_captions_where_they_are_asked_for_and_none_is_there(tmp_path):
    info = PngInfo()
    info.add_text("parameters", "(cat:1.2), <lora:x:1> hat\nNegative prompt: dog\nSteps: 2, Sampler: Euler, Seed: 1")
    made = png(pnginfo=info)
    assert put(tmp_path / "plain", ("a.png", made))[0][0] == 1
    assert list(contents(tmp_path / "plain")) == ["train/10_subject/a.png"]
    files = [("a.png", made), ("b.png", made), ("b.txt", b"mine"), ("c.png", png())]
    taken = take_in(ground(tmp_path), "10_subject", sent(*files), captions_from_prompts=True)
    assert (taken.kept, taken.captioned) == (4, 1)
    found = contents(tmp_path / "train")
    assert (found["10_subject/a.txt"], found["10_subject/b.txt"]) == (b"cat, hat", b"mine")
    assert "10_subject/c.txt" not in found


def test_cancelled_import_leaves_nothing_and_what_was_there_stays(tmp_path):
    put(tmp_path, ("5_cat/old.png", png()))
    before = contents(tmp_path), sorted(tmp_path.rglob("*"))
    asked = []

    def go_on(done, total):
        asked.append((done, total))
        return done < 3

    files = [("5_cat/a.png", b"1"), ("6_dog/a.png", b"2"), ("6_dog/b.gif", png()), ("6_dog/c.png", b"3")]
    taken = take_in(ground(tmp_path), "10_subject", sent(*files), go_on=go_on)
    assert (taken.cancelled, taken.kept) == (True, 0)
    assert asked == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert (contents(tmp_path), sorted(tmp_path.rglob("*"))) == before


def test_import_that_is_interrupted_leaves_nothing(tmp_path):
    def go_on(done, total):
        if done:
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        take_in(ground(tmp_path), "10_subject", sent(("a.png", b"1"), ("b.png", b"2")), go_on=go_on)
    assert sorted(tmp_path.rglob("*")) == []


def test_dry_run_counts_and_writes_nothing(tmp_path):
    assert put(tmp_path, ("a.png", b"1"), ("a.txt", b"cat"), ("b.gif", png()), dry_run=True) == ((3, 0, 0, 0), [])
    assert sorted(tmp_path.rglob("*")) == []


def test_regularisation_pictures_without_a_place_are_named(tmp_path):
    alone = ground(tmp_path)._replace(reg=None)
    taken = take_in(alone, "10_subject", sent(("reg/1_pet/a.png", b"1"), ("a.png", b"2")))
    assert taken.kept == 1
    assert taken.refused == [
        "reg/1_pet: the folder cannot be made (regularisation pictures need a folder of their own: "
        "name it with reg_data_dir)"
    ]


def test_name_with_control_signs_is_named(tmp_path):
    assert put(tmp_path, ("a\n.png", b"1"), ("b.png", b"2")) == (
        (1, 0, 0, 0),
        ["'a\\n.png': holds a sign that no name of a file should have; rename it"],
    )
