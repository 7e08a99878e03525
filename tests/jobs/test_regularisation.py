from pathlib import Path
from threading import Event

import pytest
from PIL import Image

from lib_train.errors import FileError
from lib_train.host.protocol import BaseModelRef, PictureRequest
from lib_train.jobs.listener import Nobody
from lib_train.jobs.regularisation import Target, made_in, make
from lib_train.pictures.prompts import infotext_of
from lib_train.previews.class_pictures import ClassPicture, identity_of
from tests.fakes import FakeHost

REF = BaseModelRef("A.safetensors", Path("A.safetensors"))


class Heard(Nobody):
    def __init__(self):
        self.told = []

    def working(self, what, done, total):
        self.told.append((what, done, total))


@pytest.fixture
def host(tmp_path):
    (tmp_path / "A.safetensors").touch()
    return FakeHost(tmp_path / "A.safetensors")


def wanted(*seeds):
    return [
        ClassPicture(PictureRequest(prompt=f"girl {seed}", seed=seed, steps=1, width=64, height=64), f"girl {seed}")
        for seed in seeds
    ]


def carried_out(host, folder, seeds, listener=None, stop=None):
    with host.borrow(REF) as model:
        target = Target(folder, ".txt")
        return list(make(host, model, wanted(*seeds), REF, target, listener or Nobody(), stop or Event()))


def test_pictures_lie_beside_their_captions_and_are_known_by_their_requests(host, tmp_path):
    heard, folder = Heard(), tmp_path / "reg" / "1_girl"
    files = carried_out(host, folder, (3, 4), heard)
    assert [path.name for path in files] == [f"seed-0000{n}{ending}" for n in (3, 4) for ending in (".txt", ".png")]
    assert (folder / "seed-00004.txt").read_text() == "girl 4"
    assert heard.told == [("regularisation", done, 2) for done in (0, 1, 2)]
    assert made_in([folder, tmp_path / "nowhere"]) == {identity_of(one.request, REF) for one in wanted(3, 4)}
    with (folder / "seed-00003.png").open("rb") as file:
        assert infotext_of(file).startswith("girl 3\nSteps: 1, Sampler: Euler a")


def test_names_that_are_taken_get_a_number_and_nothing_is_written_over(host, tmp_path):
    (tmp_path / "seed-00001.jpg").write_text("mine")
    (tmp_path / "seed-00002.txt").write_text("mine")
    (tmp_path / "seed-00003.txt").write_text("girl 3")  # a killed process left it
    carried_out(host, tmp_path, (1, 2, 3))
    names = sorted(path.name for path in tmp_path.glob("seed-*"))
    assert names == ["seed-00001-2.png", "seed-00001-2.txt", "seed-00001.jpg", "seed-00002-2.png", "seed-00002-2.txt",
                     "seed-00002.txt", "seed-00003.png", "seed-00003.txt"]  # fmt: skip
    assert {(tmp_path / name).read_text() for name in ("seed-00001.jpg", "seed-00002.txt")} == {"mine"}


def test_it_ends_after_the_picture_at_which_somebody_stops_it(host, tmp_path):
    stop = Event()
    stop.set()
    assert [path.name for path in carried_out(host, tmp_path, (1, 2), stop=stop)][1:] == ["seed-00001.png"]


def test_host_that_stops_is_a_stop(host, tmp_path, monkeypatch):
    render, stop = host.render, Event()
    monkeypatch.setattr(host, "render", lambda model, requests: render(model, requests[:1]))
    carried_out(host, tmp_path, (1, 2), stop=stop)
    assert stop.is_set()


def test_pictures_that_are_damaged_or_of_others_are_none_of_them(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.new("RGB", (8, 8)).save(tmp_path / "b.png")
    assert made_in([tmp_path]) == set()


def test_large_pictures_are_looked_at_without_a_warning(host, tmp_path, monkeypatch):
    """Tests raise warnings as errors."""
    carried_out(host, tmp_path, (1,))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 8)
    assert made_in([tmp_path]) == {identity_of(wanted(1)[0].request, REF)}


def test_disk_that_cannot_be_written_is_named(host, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="file: the picture cannot be written"):
        carried_out(host, tmp_path / "file", (1,))
