import io

import pytest
from PIL import Image

from lib_train.app import masks as module
from lib_train.errors import ConfigError, DatasetError, ProjectError
from lib_train.pictures.crops import Box
from lib_train.pictures.faces import Detection


@pytest.fixture
def filled(session):
    session.projects.create("p")
    folder = session.root / "p/versions/v1/dataset/train/5_cat"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 20), "red").save(folder / "0.png")
    clear = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 10, 20))
    clear.save(folder / "1.png")
    return session


def ids(session):
    return [one.id for one in session.picture_sets.of("p", "v1").entries()]


def mask(session, number):
    with Image.open(io.BytesIO(session.masks("p", "v1").png(ids(session)[number]))) as found:
        found.load()
        return found


def painted(size=(40, 20), level=255):
    out = io.BytesIO()
    Image.new("L", size, level).save(out, "PNG")
    return out.getvalue()


def test_mask_is_painted_read_and_taken_back(filled):
    masks = filled.masks("p", "v1")
    first = ids(filled)[0]
    with pytest.raises(ProjectError, match=r"0\.png: has no mask"):
        masks.png(first)
    assert masks.paint(first, painted(level=200))["counts"] == {"changed": 1}
    assert mask(filled, 0).getextrema() == (200, 200)
    masks.paint(first, painted((80, 40), 100))
    assert (mask(filled, 0).size, mask(filled, 0).getextrema()) == ((40, 20), (100, 100))
    filled.editing("p", "v1").undo()
    assert mask(filled, 0).getextrema() == (200, 200)
    with pytest.raises(DatasetError, match="of other proportions"):
        masks.paint(first, painted((20, 20)))
    with pytest.raises(DatasetError):
        masks.paint(999, painted())


def test_masks_of_many_are_one_edit_and_what_has_none_is_named(filled, monkeypatch):
    masks = filled.masks("p", "v1")
    made = masks.make("alpha")
    assert (made["counts"], made["left"]) == ({"changed": 1}, ["0.png: nothing in it is transparent"])
    assert (mask(filled, 1).getpixel((5, 5)), mask(filled, 1).getpixel((30, 5))) == (255, 0)
    assert masks.make("invert")["left"] == ["0.png: has no mask"]
    assert (mask(filled, 1).getpixel((5, 5)), mask(filled, 1).getpixel((30, 5))) == (0, 255)
    masks.make("box", box=(0, 0, 0.5, 1))
    assert [mask(filled, number).getpixel((30, 5)) for number in (0, 1)] == [0, 0]
    monkeypatch.setattr(module, "by_cascade", lambda kind: lambda picture: [Detection(kind, Box(0.5, 0, 1, 1))])
    masks.make("detector", filter="name:0*", detector="face", margin=0)
    assert [mask(filled, number).getpixel((30, 5)) for number in (0, 1)] == [255, 0]
    assert masks.make("none", "name:0*")["counts"] == {"changed": 1}
    pictures = filled.picture_sets.of("p", "v1")
    assert [[one.path.name for one in pictures.chosen(text)] for text in ("is:masked", "-is:masked")] == [
        ["1.png"],
        ["0.png"],
    ]
    assert masks.make("none")["counts"] == {"changed": 1}
    for _ in range(6):
        filled.editing("p", "v1").undo()
    assert not list((filled.root / "p/versions/v1/dataset/masks").rglob("*.png"))


def test_masks_that_are_cancelled_are_not_written(filled):
    far = []

    def go_on(done, total):
        far.append((done, total))
        return done < 1

    made = filled.masks("p", "v1").prepared("box", box=(0, 0, 0.5, 1))(go_on)
    assert (far, made["cancelled"], made["edit"]) == ([(0, 2), (1, 2)], True, None)
    assert not list((filled.root / "p/versions/v1/dataset").glob("masks/*/*.png"))


def test_source_that_is_none_is_named(filled):
    with pytest.raises(ConfigError, match="source = 'magic': must be one of alpha, box, detector, files, invert, none"):
        filled.masks("p", "v1").make("magic")


def test_picture_that_would_share_its_mask_is_left_and_named(filled):
    masks, folder = filled.masks("p", "v1"), filled.root / "p/versions/v1/dataset/train/5_cat"
    Image.new("RGB", (20, 40), "blue").save(folder / "0.jpg")
    why = "5_cat/0.{} has the same name but for its ending and would have the same mask; rename one of them"
    made = masks.make("box", box=(0, 0, 0.5, 1))
    assert made["left"] == [f"0.jpg: {why.format('png')}", f"0.png: {why.format('jpg')}"]
    assert made["counts"] == {"changed": 1}
    with pytest.raises(DatasetError, match="rename one of them"):
        masks.paint(ids(filled)[0], painted((20, 40)))
    (folder / "0.jpg").unlink()
    assert masks.make("box", box=(0, 0, 0.5, 1), filter="name:0*")["counts"] == {"changed": 1}


def test_masks_come_from_files_of_a_folder_that_may_be_read(filled, tmp_path):
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "1.png").write_bytes(painted((80, 40), 77))
    (tmp_path / "masks" / "0.png").write_bytes(b"no picture")
    made = filled.masks("p", "v1").make("files", folder=str(tmp_path / "masks"))
    assert made["counts"] == {"changed": 1}
    assert made["left"][0].startswith("0.png: mask: ")
    assert mask(filled, 1).getextrema() == (77, 77)
    with pytest.raises(ConfigError, match="folder = .*there is no such folder or file"):
        filled.masks("p", "v1").make("files", folder="nowhere")
