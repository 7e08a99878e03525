"""Catalogs of a version's own pictures."""

import io

from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.places import Places


def settings_of(base, **more):
    return DatasetConfig(train_data_dir=(str(base / "dataset" / "train"),), **more)


def opened(base):
    return Catalog(Places.of_version(base))


def measured(base):
    return opened(base).measure(settings_of(base))


def ids(stock):
    return {entry.path.name: entry.id for entry in stock.entries}


def size_of(content):
    return Image.open(io.BytesIO(content)).size
