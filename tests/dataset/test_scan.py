import pytest
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.scan import require_usable, scan
from lib_train.errors import DatasetError


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
    for part in ("0.png", "cannot be decoded", "1.txt cannot be read as UTF-8", "lie beside", "rename it to 10_cats",
                 "missing", "is no folder"):  # fmt: skip
        assert part in text, part
    assert [p.path.name for p in found.pictures] == ["2.png"]
    with pytest.raises(DatasetError, match="5 things .*on_bad_file = skip"):
        require_usable(found, settings)
    require_usable(found, config(pictures, on_bad_file="skip"))
    assert len(list(inner.iterdir())) == 6  # nothing was deleted


def test_folder_without_pictures_is_refused_by_name(tmp_path):
    (tmp_path / "10_empty").mkdir()
    settings = config(tmp_path)
    with pytest.raises(DatasetError, match="no picture can be used; name a folder that holds <repeats>_<name>"):
        require_usable(scan(settings), settings)


def test_hidden_files_and_loops_of_links_do_no_harm(pictures):
    (pictures / "2_mochi" / "._0.png").write_bytes(b"x")
    (pictures / "2_mochi" / "loop.png").symlink_to(pictures / "2_mochi" / "loop.png")
    assert len(scan(config(pictures)).pictures) == 3


def test_dated_parent_folder_with_a_cover_picture_is_not_taken_for_a_counted_one(tmp_path):
    inner = tmp_path / "2024_photos" / "3_mochi"
    inner.mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(inner / "a.png")
    Image.new("RGB", (64, 64)).save(inner.parent / "cover.png")
    found = scan(config(inner.parent))
    assert [(p.path.name, p.repeats) for p in found.pictures] == [("a.png", 3)]
    assert "lie beside the folders" in str(found.problems[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_captions_are_read_in_utf_8_and_in_utf_16_with_its_mark(pictures, encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (pictures / "2_mochi" / "0.txt").write_bytes(mark + "麻糬, 猫\r\n".encode(encoding))
    assert scan(config(pictures)).pictures[0].caption == "麻糬, 猫"


@pytest.mark.parametrize(
    "content", ["微笑的猫".encode("gbk"), "ねこ".encode("shift_jis"), "cat".encode("utf-16-le"), b"\xff\xfec"]
)
def test_caption_in_another_encoding_is_named(pictures, content):
    (pictures / "2_mochi" / "0.txt").write_bytes(content)
    found = scan(config(pictures))
    assert len(found.pictures) == 2
    assert "save it as UTF-8" in str(found.problems[0])


def test_progress_is_told_for_all_folders_together(pictures):
    told = []
    scan(config(pictures, reg_data_dir=(str(pictures),)), told=lambda done, total: told.append((done, total)))
    assert told == [(n, 6) for n in range(1, 7)]
