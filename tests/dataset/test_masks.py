"""Masks that are their own pictures: a store gives the latents of those, brought from [-1, 1] to [0, 1]."""

from dataclasses import replace
from random import Random

import pytest
import torch
from PIL import Image, ImageDraw

from lib_train.dataset.batches import Batches
from lib_train.dataset.masks import MaskStore
from lib_train.dataset.records import Use
from lib_train.errors import PictureError
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.scan import scan
from tests.dataset.encoders import Encoder, dataset_config


@pytest.fixture
def drawn(tmp_path):
    """Three grey pictures of two shapes, each its own mask, and one without a mask."""
    inner = tmp_path / "data" / "1_mochi"
    inner.mkdir(parents=True)
    for index, size in enumerate([(64, 64), (70, 90), (192, 64), (64, 64)]):
        picture, rng = Image.new("L", size, 40 * index), Random(index)
        for _ in range(3):
            left, top = rng.randrange(size[0] // 2), rng.randrange(size[1] // 2)
            ImageDraw.Draw(picture).rectangle((left, top, left + 30, top + 25), fill=rng.randrange(256))
        picture.convert("RGB").save(inner / f"{index}.png")
    return inner


def found_in(folder, **settings):
    config = dataset_config(folder.parent, enable_bucket=True, **settings)
    found = scan(config)
    pictures = tuple(replace(one, mask=None if one.path.stem == "3" else one.path) for one in found.pictures)
    return replace(found, pictures=pictures), config


def store_of(found, config, **which):
    fits = [Bucketing(config).fit(one.width, one.height) for one in found.pictures]
    return MaskStore(found.pictures, fits, **{"files": True, "alpha": False, **which})


@pytest.mark.parametrize("settings", [{}, {"flip_aug": True}, {"random_crop": True, "cache_latents": False}])
def test_masks_are_cut_and_mirrored_as_their_pictures_are(drawn, settings):
    found, config = found_in(drawn, **settings)

    def encode(pixels):
        mean, std = Encoder()(pixels)
        return mean, torch.zeros_like(std)

    made = Batches(found, config, batch_size=1, seed=3, encode_images=encode, masks=store_of(found, config))
    seen = set()
    for epoch in range(1, 9):
        for index in range(3):
            batch = made.batch([Use(index=index, number=0)], epoch)
            assert batch.masks is not None
            torch.testing.assert_close(batch.masks, (batch.latents[:, :1] + 1) / 2, atol=1e-5, rtol=0)
            seen.add((index, batch.masks.numpy().tobytes()))
    assert len(seen) > 3 or not settings


def test_a_picture_without_a_mask_is_learned_whole_beside_one_that_has_one(drawn):
    found, config = found_in(drawn)
    store = store_of(found, config)
    both = store.batch([Use(index=0, number=0), Use(index=3, number=0)], [False, False], [(0, 0), (0, 0)])
    assert both is not None
    assert both.shape == (2, 1, 8, 8)
    assert both[0].min() < 0.5
    assert torch.equal(both[1], torch.ones(1, 8, 8))
    assert store.batch([Use(index=3, number=0)], [True], [(0, 0)]) is None


def test_transparency_is_the_mask_of_pictures_that_have_none(drawn):
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 32, 64))
    clear.save(drawn / "3.png")
    found, config = found_in(drawn)
    whole = store_of(found, config, alpha=True).batch([Use(index=3, number=0)], [False], [(0, 0)])
    assert whole is not None
    assert whole[0, 0, 0].tolist() == [1.0] * 4 + [0.0] * 4
    assert store_of(found, config).batch([Use(index=3, number=0)], [False], [(0, 0)]) is None
    ignored = store_of(found, config, files=False, alpha=True)
    assert ignored.batch([Use(index=0, number=0)], [False], [(0, 0)]) is None


def test_a_mask_is_read_once_and_a_damaged_one_is_named(drawn, monkeypatch):
    found, config = found_in(drawn)
    store, use = store_of(found, config), Use(index=0, number=0)
    first = store.batch([use], [False], [(0, 0)])
    (drawn / "0.png").write_bytes(b"no picture")
    assert torch.equal(store.batch([use], [False], [(0, 0)]), first)
    with pytest.raises(PictureError, match=r"0\.png"):
        store.batch([use], [True], [(0, 0)])
