import sys

import pytest
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.errors import DatasetError
from lib_train.pictures.scan import require_usable, scan


def config(*folders, **settings):
    return DatasetConfig(train_data_dir=tuple(str(f) for f in folders), **settings)


def test_pictures_captions_and_repeats_are_found(pictures):
    inner = pictures / "2_mochi"
    (inner / "2.txt").unlink()
    (inner / "1.txt").unlink()
    (inner / "1.caption").write_text("\ufefffrom caption\nsecond line", encoding="utf-8")
    found = scan(config(pictures))
    assert [(p.caption, p.repeats, p.folder) for p in found.pictures] == [
        ("mochi, number 0, blue", 2, "2_mochi"), ("from caption", 2, "2_mochi"), ("mochi", 2, "2_mochi")
    ]  # fmt: skip
    assert [(p.width, p.height) for p in found.pictures] == [(64, 64), (64, 64), (192, 64)]
    assert found.problems == ()


def test_a_counted_folder_itself_and_several_folders_may_be_named(pictures, tmp_path):
    other = tmp_path / "other" / "5_cat"
    other.mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(other / "a.WEBP")
    found = scan(config(pictures / "2_mochi", other.parent))
    assert [p.repeats for p in found.pictures] == [2, 2, 2, 5]


def test_regularisation_pictures_are_marked(pictures):
    found = scan(config(pictures, reg_data_dir=(str(pictures),)))
    assert [p.is_reg for p in found.pictures] == [False] * 3 + [True] * 3


def test_empty_caption_files_mean_an_empty_caption(pictures):
    (pictures / "2_mochi" / "0.txt").write_text("")
    assert scan(config(pictures)).pictures[0].caption == ""


def test_all_problems_are_named_at_once_and_refused(pictures, tmp_path):
    inner = pictures / "2_mochi"
    (inner / "0.png").write_bytes((inner / "0.png").read_bytes()[:60])
    (inner / "1.txt").write_bytes("日本".encode("shift-jis"))
    Image.new("RGB", (64, 64)).save(pictures / "loose.png")
    (pictures / "cats").mkdir()
    Image.new("RGB", (64, 64)).save(pictures / "cats" / "a.png")
    settings = config(pictures, tmp_path / "missing")
    found = scan(settings)
    text = "\n".join(str(problem) for problem in found.problems)
    for part in ("0.png", "cannot be decoded", "1.txt cannot be read as UTF-8", "rename it to 10_cats", "missing",
                 "is no folder"):  # fmt: skip
        assert part in text, part
    assert "left out: loose.png" in found.notes[0]
    assert [p.path.name for p in found.pictures] == ["2.png"]
    with pytest.raises(DatasetError, match="4 things .*on_bad_file = skip"):
        require_usable(found, settings)
    require_usable(found, config(pictures, on_bad_file="skip"))
    assert len(list(inner.iterdir())) == 6  # nothing was deleted


def test_folder_without_pictures_is_refused_by_name(tmp_path):
    (tmp_path / "10_empty").mkdir()
    for settings, told in ((config(tmp_path), str(tmp_path)), (config(), "nothing")):
        with pytest.raises(DatasetError) as caught:
            require_usable(scan(settings), settings)
        assert str(caught.value).startswith(
            f"train_data_dir = {told}: no picture can be used; name a folder that holds <repeats>_<name> folders"
        )


def test_pictures_without_any_folder_are_refused_with_the_way_out(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "loose.png")
    settings = config(tmp_path)
    with pytest.raises(DatasetError, match="1 pictures lie beside the folders: put them into a folder such as 10_"):
        require_usable(scan(settings), settings)


def test_hidden_files_do_no_harm_and_dead_links_are_named(pictures):
    (pictures / "2_mochi" / "._0.png").write_bytes(b"x")
    (pictures / "2_mochi" / "loop.png").symlink_to(pictures / "2_mochi" / "loop.png")
    (pictures / "2_mochi" / "dead.png").symlink_to(pictures / "nowhere.png")
    (pictures / "2_mochi" / "folder.png").mkdir()
    found = scan(config(pictures))
    assert len(found.pictures) == 3
    assert [str(problem.value).rsplit("/", 1)[1] for problem in found.problems] == ["dead.png", "loop.png"]
    assert all("cannot be read as a picture" in problem.remedy for problem in found.problems)


def test_progress_counts_every_picture_and_an_interrupt_ends_it(pictures):
    progress = []
    scan(config(pictures, reg_data_dir=(str(pictures),)), lambda done, total: progress.append((done, total)))
    assert progress == [(done, 6) for done in range(1, 7)]

    def interrupted(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(config(pictures), interrupted)


def test_captions_of_utf_16_and_capital_endings_are_used(pictures):
    (pictures / "2_mochi" / "0.txt").write_bytes("年糕".encode("utf-16"))
    (pictures / "2_mochi" / "1.txt").rename(pictures / "2_mochi" / "1.TXT")
    assert [picture.caption for picture in scan(config(pictures)).pictures][:2] == ["年糕", "mochi, number 1, blue"]


def test_many_avif_pictures_are_read_at_once_from_the_first(tmp_path, monkeypatch):
    """Several threads ask for the plugin while it is not loaded yet."""
    pytest.importorskip("pillow_avif")
    (tmp_path / "1_x").mkdir()
    for number in range(12):
        Image.new("RGB", (64, 64), (20 * number, 0, 0)).save(tmp_path / "1_x" / f"{number}.avif")
    monkeypatch.delitem(Image.OPEN, "AVIF")
    for name in ("pillow_avif", "pillow_avif.AvifImagePlugin"):
        monkeypatch.delitem(sys.modules, name)
    found = scan(config(tmp_path))
    assert (len(found.pictures), found.problems, "AVIF" in Image.OPEN) == (12, (), True)


@pytest.mark.parametrize("where", ["2_mochi", "."])
@pytest.mark.parametrize("name", ["metadata.jsonl", "meta_cap.json", "0.png.json", "captions.csv"])
def test_captions_in_lists_of_other_programs_are_told(pictures, where, name):
    (pictures / where / name).write_text("{}")
    notes = scan(config(pictures)).notes
    assert [note for note in notes if "files are left out; captions are read from .txt or .caption files" in note]
    (pictures / where / name).unlink()
    assert not [note for note in scan(config(pictures)).notes if "captions are read from" in note]


def test_json_captions_that_are_asked_for_are_not_told_as_left_out(pictures):
    (pictures / "2_mochi" / "0.json").write_text('{"caption": "x"}')
    notes = scan(config(pictures, caption_extension=(".json", ".txt"))).notes
    assert not [note for note in notes if "captions are read from" in note]
    assert "captions that are JSON, whose text is trained as it stands: write plain captions: 1, such as 0.png" in notes


def test_captions_are_composed_whatever_form_they_are_written_in(pictures):
    (pictures / "2_mochi" / "0.txt").write_text("cafe\u0301", encoding="utf-8")
    assert scan(config(pictures)).pictures[0].caption == "caf\u00e9"


def test_lists_in_folders_that_hold_no_pictures_are_none_of_our_business(tmp_path):
    (tmp_path / "settings.json").write_text("{}")
    assert not [note for note in scan(config(tmp_path)).notes if "captions are read from" in note]
