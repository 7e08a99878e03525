import pytest
from PIL import Image

from lib_train.app.session import Session
from lib_train.errors import CaptionChanged, DatasetError, FileError, HostModelError, ProjectError
from lib_train.pictures.notes import ONE_NOTES
from lib_train.pictures.shelves import Shelf

P = ("p", "v1")


def id_of(gallery, name):
    return next(one["id"] for one in gallery.listed(*P)["pictures"] if one["name"] == name)


def test_picture_is_shown_with_bucket_frame_and_its_whole_caption(gallery, folder):
    (folder / "2.txt").write_text("mochi, wide\nmore of it\n", encoding="utf-8")
    Session(gallery.host, gallery.root).kept.keep(*P, {"resolution": 512})
    facts = gallery.details(*P, id_of(gallery, "2.png"))
    assert (facts["width"], facts["height"], facts["bucket"], facts["repeats"]) == (192, 64, [832, 256], 2)
    assert facts["crop"] == pytest.approx([0, (1 - 256 / 277) / 2, 1, 256 / 277], abs=0.005)
    assert (facts["caption"], facts["caption_file"]) == ("mochi, wide\nmore of it", "2.txt")
    assert facts["notes"] == [ONE_NOTES[0], ONE_NOTES[3]]


def test_bucket_is_of_the_models_own_size_or_of_sd1s_where_there_is_no_model(gallery, monkeypatch):
    assert gallery.details(*P, id_of(gallery, "0.png"))["bucket"] == [128, 128]

    def find(*_: object) -> None:
        raise HostModelError("none is loaded")

    monkeypatch.setattr(gallery.host, "find", find)
    assert gallery.details(*P, id_of(gallery, "0.png"))["bucket"] == [512, 512]


def test_caption_is_written_whole_into_the_file_that_it_came_from(gallery, folder):
    (folder / "0.txt").rename(folder / "0.caption")
    facts = gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, number 0, blue", " mochi, 年糕\r\nsecond \n")
    assert (facts["caption"], facts["caption_file"]) == ("mochi, 年糕\nsecond", "0.caption")
    assert (folder / "0.caption").read_bytes() == "mochi, 年糕\nsecond".encode()
    assert gallery.listed(*P)["pictures"][0]["caption"] == "mochi, 年糕"
    assert sorted(path.name for path in folder.iterdir() if path.stem == "0" or path.name[0] == ".") == [
        "0.caption",
        "0.png",
    ]


def test_caption_that_was_written_is_taken_back_byte_for_byte(gallery, folder):
    (folder / "0.txt").write_bytes("mochi, \u5e74\r\n".encode("utf-16"))
    before = (folder / "0.txt").read_bytes()
    gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, \u5e74", "mochi, hat")
    assert (folder / "0.txt").read_bytes() == "mochi, hat\r\n".encode("utf-16")
    session = Session(gallery.host, gallery.root)
    assert session.editing(*P).listed()[0]["label"] == "wrote 0.txt"
    session.editing(*P).undo()
    assert (folder / "0.txt").read_bytes() == before


@pytest.mark.parametrize(("endings", "made"), [([".txt", ".caption"], "1.txt"), ([".caption"], "1.caption")])
def test_caption_of_a_folder_becomes_a_file_only_when_it_is_changed(gallery, folder, endings, made):
    (folder / "1.txt").unlink()
    session = Session(gallery.host, gallery.root)
    session.kept.keep(*P, {"caption_extension": endings})
    assert gallery.details(*P, id_of(gallery, "1.png"))["notes"] == [ONE_NOTES[0], ONE_NOTES[4]]
    gallery.keep_caption(*P, id_of(gallery, "1.png"), "mochi", "mochi")
    assert not (folder / made).exists()
    gallery.keep_caption(*P, id_of(gallery, "1.png"), "mochi", "mochi, red")
    assert (folder / made).read_text() == "mochi, red"


def test_caption_that_somebody_else_changed_is_left_as_it_is(gallery, folder):
    gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, number 0, blue", "theirs")
    with pytest.raises(CaptionChanged, match="0.txt: somebody else changed") as caught:
        gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, number 0, blue", "mine")
    assert caught.value.present == "theirs"
    assert (folder / "0.txt").read_text() == "theirs"
    gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, number 0, blue", "theirs")  # both wrote the same
    gallery.keep_caption(*P, id_of(gallery, "0.png"), "theirs", "mine")
    assert (folder / "0.txt").read_text() == "mine"


def test_write_that_fails_leaves_the_old_caption(gallery, folder, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib_train.files.os.replace", full)
    with pytest.raises(FileError, match="0.txt: cannot be changed .No space left"):
        gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, number 0, blue", "new")
    assert (folder / "0.txt").read_text() == "mochi, number 0, blue"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 2**21])
def test_what_no_caption_file_can_hold_is_refused(gallery, folder, text):
    with pytest.raises(DatasetError, match="0.txt"):
        gallery.keep_caption(*P, id_of(gallery, "0.png"), "mochi, number 0, blue", text)
    assert (folder / "0.txt").read_text() == "mochi, number 0, blue"


def test_list_of_pictures_that_are_known_looks_at_the_files_once(gallery, monkeypatch):
    gallery.listed("mochi", "v1")
    seen, looks = Shelf.seen, []
    monkeypatch.setattr(Shelf, "seen", lambda shelf: (looks.append(shelf), seen(shelf))[1])
    gallery.listed("mochi", "v1", sort="likeness")
    assert len(looks) == 1


def test_picture_is_named_by_an_id_that_stays(gallery, folder):
    number = id_of(gallery, "1.png")
    Image.new("RGB", (64, 64)).save(folder / "0a.png")  # before it
    (folder / "1.png").rename(folder / "z.png")
    (folder / "1.txt").rename(folder / "z.txt")
    assert gallery.keep_caption(*P, number, "mochi, number 1, blue", "mochi, z")["name"] == "z.png"
    assert (folder / "z.txt").read_text() == "mochi, z"
    (folder / "z.png").unlink()
    with pytest.raises(ProjectError, match="there is none of this number any more; reload"):
        gallery.keep_caption(*P, number, "mochi, z", "x")


def test_two_pictures_that_share_a_caption_say_so(gallery, folder):
    Image.new("RGB", (64, 64)).save(folder / "0.jpg")
    assert ONE_NOTES[5] in gallery.details(*P, id_of(gallery, "0.jpg"))["notes"]
    assert ONE_NOTES[5] in gallery.details(*P, id_of(gallery, "0.png"))["notes"]


def test_only_pictures_of_the_kept_settings_are_written_and_no_link_leads_out(gallery, folder, tmp_path, monkeypatch):
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    (folder / "0.txt").unlink()
    (folder / "0.txt").symlink_to(outside)
    assert gallery.details(*P, id_of(gallery, "0.png"))["caption"] == "secret"  # one's own machine, one's own links
    monkeypatch.setattr(gallery.host, "folders_may_be_chosen", lambda: False)
    with pytest.raises(FileError, match="0.txt: is a link out of"):
        gallery.details(*P, id_of(gallery, "0.png"))
    with pytest.raises(FileError, match="0.txt: is a link out of"):
        gallery.keep_caption(*P, id_of(gallery, "0.png"), "secret", "mine")
    assert outside.read_text() == "secret"


def test_link_is_replaced_and_what_it_led_to_stays(gallery, folder, tmp_path):
    (tmp_path / "elsewhere.txt").write_text("kept")
    (folder / "0.txt").unlink()
    (folder / "0.txt").symlink_to(tmp_path / "elsewhere.txt")
    gallery.keep_caption(*P, id_of(gallery, "0.png"), "kept", "new")
    assert (folder / "0.txt").read_text() == "new"
    assert (tmp_path / "elsewhere.txt").read_text() == "kept"


def test_caption_whose_name_is_in_another_unicode_form_is_shown_and_written(gallery, folder):
    (folder / "0.png").rename(folder / "caf\u00e9.png")
    (folder / "0.txt").rename(folder / "cafe\u0301.txt")
    assert gallery.details(*P, id_of(gallery, "caf\u00e9.png"))["caption"] == "mochi, number 0, blue"
    gallery.keep_caption(*P, id_of(gallery, "caf\u00e9.png"), "mochi, number 0, blue", "new")
    assert (folder / "cafe\u0301.txt").read_text() == "new"
