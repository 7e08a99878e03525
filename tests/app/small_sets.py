"""A set of two pictures, without a session."""

from PIL import Image

from lib_train.app.picture_sets import PictureSet
from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.places import Places


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


def require_whole(root):
    for path in (one for one in root.rglob("*.png") if "undone" not in one.parts):
        with Image.open(path) as picture:
            picture.load()
    assert not list(root.rglob("*.partial"))
