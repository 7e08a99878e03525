"""Work on pictures on a disk that is full at each of its writes in turn."""

from threading import Event

import pytest
from PIL import Image

from lib_train.app.masks import Masks
from lib_train.app.picture_sets import PictureSet
from lib_train.app.regularisation import carry_out, planned
from lib_train.app.retouch import Retouching, wish_of
from lib_train.config.dataset import DatasetConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.jobs.listener import Nobody
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.places import Places
from tests.fakes import FakeHost
from tests.full_disk import at_each_write
from tests.pictures.trees import content_below

FULL = "No space left on device); make room"


def prepare(root):
    folder = root / "dataset/train/5_cat"
    folder.mkdir(parents=True)
    (root / "dataset/reg").mkdir()
    for number in range(2):
        Image.new("RGBA", (64, 64), (200 * number, 0, 0, 99)).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("cat")


def pictures_of(root):
    dataset = DatasetConfig(train_data_dir=(str(root / "dataset/train"),), reg_data_dir=(str(root / "dataset/reg"),))
    return PictureSet(dataset, Catalog(Places.of_version(root)))


def unwanted(setting, path):
    raise AssertionError("no detector was named")


def mirrored(root):
    act = Retouching(pictures_of(root), None, unwanted).prepared(wish_of("mirror", {"take_out": True}))
    return act(lambda *at: True)["edit"]


def masked(root):
    return Masks(pictures_of(root), unwanted).make("alpha")


def require_whole(root):
    for path in (one for one in root.rglob("*.png") if "undone" not in one.parts):
        with Image.open(path) as picture:
            picture.load()
    assert not list(root.rglob("*.partial"))


@pytest.mark.parametrize(("work", "files"), [(mirrored, 8), (masked, 6)], ids=["retouch", "masks"])
def test_retouch_and_masks_are_whole_or_absent_and_undo_takes_them_away(tmp_path, monkeypatch, work, files):
    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, work):
        journal = pictures_of(root).journal()
        require_whole(root)
        if isinstance(answer, TrainToolsError):
            assert FULL in str(answer)
        else:
            assert all(FULL in one for one in answer["left"])
            assert answer["left"] or len(content_below(root)) == files
        if journal.edits():
            assert journal.undo().left == ()
        assert sorted(content_below(root)) == [
            f"dataset/train/5_cat/{one}" for one in ("0.png", "0.txt", "1.png", "1.txt")
        ]
        work(root)
        assert len(content_below(root)) == files


def test_class_pictures_that_fit_stay_with_their_captions_and_the_same_job_completes_them(tmp_path, monkeypatch):
    def job(root):
        host, pictures = FakeHost(tmp_path / "A.safetensors"), pictures_of(root)
        run = RunConfig(dataset=pictures.dataset, base_model="A.safetensors")
        config = RegularisationConfig(class_word="cat", class_prompt="a cat", num_class_images=2, class_steps=1,
                                      class_width=64, class_height=64)  # fmt: skip
        plan = planned(host, pictures, run, config)
        return carry_out(host, pictures, plan, Nobody(), Event()) if plan.missing else None

    (tmp_path / "A.safetensors").touch()
    for root, answer in at_each_write(monkeypatch, tmp_path, prepare, job):
        require_whole(root)
        made = {path.stem for path in root.glob("dataset/reg/*/*.png")}
        assert made <= {path.stem for path in root.glob("dataset/reg/*/*.txt")}
        assert not isinstance(answer, TrainToolsError) or FULL in str(answer)
        job(root)
        assert len(content_below(root)) == 8


def test_catalog_tells_the_same_on_a_full_disk(tmp_path, monkeypatch):
    def measured(root):
        stock = pictures_of(root).catalog.measure(pictures_of(root).dataset)
        return [(one.width, one.content, one.problem) for one in stock.entries]

    def once(root):
        prepare(root)
        (root / "cache").mkdir()

    answers = [answer for _, answer in at_each_write(monkeypatch, tmp_path, once, measured)]
    assert answers == answers[-1:] * len(answers)
