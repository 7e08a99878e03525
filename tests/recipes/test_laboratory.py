"""A laboratory's notebook on the command line: crops around bodies, chosen tags, two experiments on equal prompts."""

import pytest
from PIL import Image, ImageDraw

from tests.jobs.test_training_run_presets import PUBLISHED
from tests.pictures.test_detectors import detector_file
from tests.recipes.commands import command, flags, installed
from tests.recipes.following import metadata_of

pytestmark = pytest.mark.recipes
COUNT = 3
CHANGED = {"max_train_steps": "2"}  # of thousands: what is looked at here is the way
ALIAS, KEPT, DROPPED = "mi_cv", "1girl, solo", "red hat, night"
"""The alias comes first in each caption; of the other tags only those of a list are learned."""
DROPOUT = "0.1, 0.3"
"""Faces got better with the first, other things worse with the second."""
QUICK = {"preview_steps": "1", "preview_width": "128", "preview_height": "128", "preview_weights": "1"}


def cut_out_poses(folder):
    """Wide pictures of somebody on a clear background, with captions that tell more than is wanted."""
    inside = folder / f"1_{ALIAS}"
    inside.mkdir(parents=True)
    for number in range(COUNT):
        picture = Image.new("RGBA", (1800, 1200), (0, 0, 0, 0))
        shape = ImageDraw.Draw(picture)
        shape.ellipse((820, 200, 980, 400), fill=(200, 160, 120))
        shape.rectangle((800, 400, 1000, 980), fill=(40, 60 * number, 160))
        picture.save(inside / f"{number}.png")
        (inside / f"{number}.txt").write_text(f"{KEPT}, {DROPPED}", encoding="utf-8")
    return folder


def test_two_experiments_are_compared_on_the_same_thirteen_prompts(tmp_path, tab):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    root = tmp_path / "out"
    place = ["--project", "poses", "--output", root]
    train = root / f"poses/versions/v1/dataset/train/1_{ALIAS}"
    command("import", cut_out_poses(tmp_path / "raw"), *place)
    body = detector_file(tmp_path / "body.onnx", [[16, 16, 8, 16, 0.9]], "{0: 'body'}")
    sized = ["--resolution", "768", "--take_out"]
    assert command("crop", *place, "--detector", body, "--held", *sized).startswith(f"{COUNT} made: ")
    assert command("background", *place, "--color", "white", *sized).startswith(f"{COUNT} made: ")
    pictures = sorted(train.glob("*.png"))
    assert len(pictures) == COUNT
    for path in pictures:
        with Image.open(path) as picture:
            assert (picture.mode, picture.width == picture.height >= 768) == ("RGB", True)
            assert picture.getpixel((0, 0)) == (255, 255, 255)
    command("captions", "add", *place, ALIAS)
    command("captions", "front", *place, ALIAS)
    captions = {path: path.read_bytes() for path in train.glob("*.txt")}
    assert {*captions.values()} == {f"{ALIAS}, {KEPT}, {DROPPED}".encode()}

    wanted = {**CHANGED, "caption_dropout_rate": DROPOUT, **QUICK}
    words = ["--preset", "Notebook", "--prompts", "fixed", "--device", "cpu", *flags(wanted)]
    command("sweep", *place, *words)
    files = sorted((root / "poses/versions/v1/checkpoints").glob("*.safetensors"))
    assert len(files) == 2
    for path, dropout in zip(files, ("0.1", "0.3"), strict=True):
        told = metadata_of(path)
        assert told.items() >= {**PUBLISHED["Notebook"], "ss_caption_dropout_rate": dropout}.items()
    assert captions == {path: path.read_bytes() for path in train.glob("*.txt")}
    report = root / "poses/versions/v1/sweeps/s001"
    assert len(list((report / "pictures").rglob("*.png"))) == 13 * 3  # of two files and the base model
    page = (report / "report.html").read_text(encoding="utf-8")
    assert page.count("<img ") >= 13 * 3
    assert all(f"{ALIAS}, {scene}" in page for scene in ("close-up, face", "from behind", "angry"))
    command("notes", *place, "--conclusion", "a tenth is enough", "--best", files[0].name)
    assert "a tenth is enough" in command("notes", *place)
    assert installed(tab, "poses", files[0]).read_bytes() == files[0].read_bytes()
