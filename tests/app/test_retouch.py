import pytest
from PIL import Image

from lib_train.app import retouch as module
from lib_train.app.retouch import ACTIONS, Retouching, wish_of
from lib_train.errors import ConfigError, MissingPackage, SelectionError
from lib_train.pictures.crops import Box
from lib_train.pictures.faces import Detection
from tests.app.working import ended

FACE = Box(0.4, 0.2, 0.6, 0.4)


@pytest.fixture
def filled(session, monkeypatch):
    """A session with a project of two pictures, and a detector of faces that is a function."""
    monkeypatch.setattr(module, "by_cascade", lambda kind: lambda picture: [Detection(kind, FACE)])
    session.projects.create("p")
    folder = session.root / "p/versions/v1/dataset/train/5_cat"
    folder.mkdir(parents=True)
    for number, color in enumerate(("red", "blue")):
        Image.new("RGB", (400, 300), color).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("cat")
    session.kept.keep("p", "v1", {"resolution": "128,64"})
    return session


def done(session, action, *, filter="", ids=None, dry_run=False, **wish):
    found = ended(session, session.retouch("p", "v1", action, wish, filter, ids, dry_run)["number"])
    assert found["error"] is None
    return found["result"]


def names(session):
    return sorted(path.name for path in (session.root / "p/versions/v1/dataset/train/5_cat").glob("*.png"))


@pytest.mark.parametrize(
    ("action", "wish", "made"),
    [
        ("crop", {"box": [0, 0, 0.5, 1], "held": True}, ["0-crop1.png", "1-crop1.png"]),
        ("crop", {"detector": "face"}, ["0-crop1.png", "1-crop1.png"]),
        ("crop", {"share": 0.5}, ["0-crop1.png", "1-crop1.png"]),
        ("split", {"parts": ["head"]}, ["0-head1.png", "1-head1.png"]),
        ("rotate", {"degrees": 180}, ["0-rotated1.png", "1-rotated1.png"]),
        ("mirror", {}, ["0-mirrored1.png", "1-mirrored1.png"]),
        ("pad", {}, ["0-padded1.png", "1-padded1.png"]),
        ("enlarge", {"factor": 2}, ["0-enlarged1.png", "1-enlarged1.png"]),
        ("enlarge", {}, []),
        ("reduce", {"factor": 0.5}, ["0-reduced1.png", "1-reduced1.png"]),
        ("background", {}, []),
        ("person", {"name": "girl"}, ["0-head1.png", "1-head1.png"]),
        ("multiply", {"count": 4}, ["0-crop1.png", "1-crop1.png"]),
    ],
)
def test_each_action_makes_pictures_and_one_undo_takes_them_away(filled, action, wish, made):
    found = done(filled, action, **wish)
    assert [name for name in names(filled) if "-" in name] == made
    assert found["refused"] == []
    assert found["pictures"] == 2
    if made:
        assert found["edit"]["label_text"]["template"] == "{action}: {count} new pictures"
        filled.editing("p", "v1").undo()
    assert names(filled) == ["0.png", "1.png"]


def test_every_action_is_tried():
    tried = {"crop", "split", "rotate", "mirror", "pad", "enlarge", "reduce", "background", "person", "multiply"}
    assert set(ACTIONS) == tried


def test_only_chosen_pictures_are_worked_on_and_new_captions_are_told(filled):
    first = filled.picture_sets.of("p", "v1").entries()[0]
    done(filled, "mirror", ids=[first.id], tagged=True, tags=["x"])
    assert names(filled) == ["0-mirrored1.png", "0.png", "1.png"]
    caption = filled.root / "p/versions/v1/dataset/train/5_cat/0-mirrored1.txt"
    assert caption.read_text() == "cat, mirrored, x"
    assert done(filled, "mirror", filter="name:1*")["made"] == 1


def test_originals_are_taken_out_where_that_is_asked_and_come_back_with_one_undo(filled):
    done(filled, "mirror", take_out=True)
    assert names(filled) == ["0-mirrored1.png", "1-mirrored1.png"]
    left = filled.root / "p/versions/v1/dataset/left_out/5_cat"
    assert sorted(path.name for path in left.iterdir()) == ["0.png", "0.txt", "1.png", "1.txt"]
    assert done(filled, "rotate")["pictures"] == 2
    filled.editing("p", "v1").undo()
    filled.editing("p", "v1").undo()
    assert names(filled) == ["0.png", "1.png"]


def test_dry_run_counts_and_writes_nothing(filled):
    found = done(filled, "mirror", dry_run=True)
    assert (found["made"], found["examples"], found["edit"]) == (2, ["0-mirrored1.png", "1-mirrored1.png"], None)
    assert names(filled) == ["0.png", "1.png"]


def test_whole_persons_come_into_the_regularisation_folder(filled):
    done(filled, "person", name="girl", tagged=True)
    reg = filled.root / "p/versions/v1/dataset/reg/1_girl"
    assert sorted(path.name for path in reg.iterdir()) == [
        "0-whole1.png", "0-whole1.txt", "1-whole1.png", "1-whole1.txt"
    ]  # fmt: skip
    assert (
        done(filled, "person", dry_run=True)["pictures"] == 4
    )  # those made for training, not those for regularisation


def test_pictures_are_enlarged_to_the_training_size_by_the_host_s_upscaler(filled, monkeypatch):
    asked = []

    def enlarge(picture, name, scale):
        asked.append((name, round(scale, 2)))
        return picture.resize((picture.width * 4, picture.height * 4))

    monkeypatch.setattr(filled.host, "upscalers", lambda: ["Fine"], raising=False)
    monkeypatch.setattr(filled.host, "enlarge", enlarge, raising=False)
    filled.kept.keep("p", "v1", {"resolution": "512,512"})
    assert done(filled, "enlarge", upscaler="Fine")["made"] == 2
    assert asked == [("Fine", 1.71)] * 2
    with Image.open(filled.root / "p/versions/v1/dataset/train/5_cat/0-enlarged1.png") as picture:
        assert picture.size == (683, 512)
    with pytest.raises(ConfigError, match="upscaler = 'Other': must be one of Lanczos, Fine"):
        done(filled, "enlarge", upscaler="Other")


@pytest.mark.parametrize(
    ("action", "wish", "told"),
    [
        ("melt", {}, "action = 'melt': must be one of crop, rotate"),
        ("crop", {"box": [0, 0, 2, 1]}, r"box = .*give left, top, right and bottom"),
        ("crop", {"share": 0}, "share = 0: must be above 0 and at most 1"),
        ("crop", {"detector": "nowhere.onnx"}, "there is no such folder or file; check the path"),
        ("crop", {"detector": "face", "margin": -1}, "margin = -1: must be between 0 and 10"),
        ("rotate", {"degrees": 45}, "degrees = 45"),
        ("enlarge", {"factor": 99}, "factor = 99"),
        ("reduce", {"factor": 2}, "factor = 2"),
        ("background", {"color": "x"}, "color = 'x'"),
        ("split", {"parts": ["feet"]}, "parts = 'feet'"),
        ("multiply", {"count": 2}, "count = 2: must be above 2 and at most 16"),
        ("person", {"name": "../x"}, "name = '../x'"),
    ],
)
def test_wish_that_cannot_be_fulfilled_is_refused_at_once(filled, action, wish, told):
    with pytest.raises(Exception, match=told):
        filled.retouch("p", "v1", action, wish)
    assert names(filled) == ["0.png", "1.png"]


def test_filter_that_cannot_be_read_is_refused_at_once(filled):
    with pytest.raises(SelectionError):
        filled.retouch("p", "v1", "mirror", {}, "(")


def test_detector_outside_is_refused_where_nobody_may_choose_folders(filled, tmp_path, monkeypatch):
    (tmp_path / "x.onnx").write_bytes(b"x")
    monkeypatch.setattr(type(filled.host), "folders_may_be_chosen", lambda host: False)
    with pytest.raises(ConfigError, match="folders cannot be chosen here"):
        filled.retouch("p", "v1", "crop", {"detector": str(tmp_path / "x.onnx")})


def test_what_draws_the_eye_is_found_without_opencv(filled, monkeypatch):
    def absent(kind):
        raise MissingPackage("opencv-python-headless", "finding faces")

    monkeypatch.setattr(module, "by_cascade", absent)
    assert done(filled, "crop")["made"] == 2
    with pytest.raises(MissingPackage):
        filled.retouch("p", "v1", "crop", {"detector": "face"})


def test_regularisation_of_a_folder_needs_a_folder_that_is_named(filled, tmp_path):
    from lib_train.app.picture_sets import set_of_folder
    from lib_train.config.codec import config_of

    (tmp_path / "d" / "5_cat").mkdir(parents=True)
    pictures = set_of_folder(tmp_path / "d", config_of({"train_data_dir": [str(tmp_path / "d")]}))
    with pytest.raises(ConfigError, match="reg_data_dir = .*name a folder for the regularisation pictures"):
        Retouching(pictures, filled.host, lambda name, path: tmp_path).prepared(wish_of("person", {}))
