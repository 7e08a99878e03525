import io
import os

import pytest
from PIL import Image, PngImagePlugin

from lib_train.errors import ConfigError, ProjectError
from tests.app.working import ended


def made(path, prompt="", color="red"):
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngImagePlugin.PngInfo()
    if prompt:
        info.add_text("parameters", prompt)
    Image.new("RGB", (40, 20), color).save(path, pnginfo=info)


@pytest.fixture
def outputs(session, tmp_path, monkeypatch):
    """Of a session whose host keeps three pictures of two days."""
    session.projects.create("p")
    folder = tmp_path / "txt2img-images"
    made(folder / "1/00001.png", "(a cat:1.2), <lora:x:1> hat\nNegative prompt: dog\nSteps: 4, Sampler: x, Seed: 1")
    made(folder / "2/00001.png", color="blue")
    made(folder / "2/00002.png", color="green")
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        os.utime(path, (1e9 + number, 1e9 + number) if path.parent.name == "1" else (1.1e9, 1.1e9 + number))
    made(session.root / "p/x.png")
    monkeypatch.setattr(type(session.host), "output_folders", lambda host: [folder, session.root])
    return session.outputs


def test_pictures_are_told_by_day_and_in_parts(outputs):
    found = outputs.listed(limit=2)
    assert (found["folders"], found["total"]) == (["txt2img-images", "out"], 3)
    assert [(one["day"], one["pictures"]) for one in found["days"]] == [("2004-11-09", 2), ("2001-09-09", 1)]
    assert [one["path"] for one in found["pictures"]] == ["0/2/00002.png", "0/2/00001.png"]
    assert [one["path"] for one in outputs.listed(offset=2)["pictures"]] == ["0/1/00001.png"]
    day = outputs.listed("2001-09-09")
    assert (day["total"], len(day["days"]), day["pictures"][0]["name"]) == (1, 2, "00001.png")


def test_host_without_output_folders_has_none(session):
    assert session.outputs.listed() == {"folders": [], "days": [], "total": 0, "pictures": []}


def test_picture_is_shown_small(outputs):
    with Image.open(io.BytesIO(outputs.image("0/1/00001.png", 16))) as shown:
        assert (shown.format, shown.size) == ("WEBP", (16, 8))


def test_chosen_pictures_come_in_with_their_prompts_and_numbers(outputs, session):
    begun = outputs.start("p", "v1", ["0/1/00001.png", "0/2/00001.png", "0/1/00001.png"], "mochi", 5, True)
    result = ended(session, begun["number"])["result"]
    assert (result["kept"], result["captioned"], result["renamed"], result["refused"]) == (2, 1, 1, [])
    folder = session.root / "p/versions/v1/dataset/train/5_mochi"
    assert sorted(path.name for path in folder.iterdir()) == ["00001-2.png", "00001.png", "00001.txt"]
    assert (folder / "00001.txt").read_text() == "a cat, hat"
    assert session.editing("p", "v1").undo(result["edit"])["files"] == 3


@pytest.mark.parametrize(
    "path", ["", "0/1/00002.png", "0/../../out/p/x.png", "1/p/x.png", "/etc/passwd", "0//1/00001.png", "a\0", "\ud800"]
)
def test_nothing_but_pictures_of_the_output_folders_is_shown_or_taken(outputs, session, path):
    with pytest.raises(ProjectError, match="is no picture in the host's output folders"):
        outputs.image(path, 64)
    with pytest.raises(ConfigError, match="reload the list and choose again"):
        outputs.start("p", "v1", ["0/1/00001.png", path], "mochi", 5, True)
    assert session.works.listed("p", "v1") == []


def test_nothing_chosen_is_named(outputs):
    with pytest.raises(ConfigError, match="paths = ''"):
        outputs.start("p", "v1", [], "mochi", 5, True)
