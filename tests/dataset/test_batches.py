import numpy
import pytest
import torch
from PIL import Image

from lib_train.dataset.batches import Batches
from lib_train.pictures.scan import scan
from tests.dataset.encoders import Encoder, batches, dataset_config, filled


def test_epoch_holds_every_use_once_in_batches_of_one_size(pictures):
    store, _, _ = filled(pictures)
    made = batches(pictures, store)
    order = made.epoch(1)
    assert sorted((use.index, use.number) for uses in order for use in uses) == [
        (i, n) for i in range(3) for n in (0, 1)
    ]
    assert len(order) == made.batches_per_epoch == 3
    assert sum(made.buckets.values()) == 6
    assert order == made.epoch(1)
    assert any(made.epoch(epoch) != order for epoch in range(2, 6))


def test_each_use_draws_a_fresh_sample_that_depends_on_its_place_alone(pictures):
    store, _, _ = filled(pictures)
    made = batches(pictures, store)
    uses = made.epoch(1)[0]
    one = made.batch(uses, 1)
    torch.rand(3)
    assert torch.equal(one.latents, made.batch(uses, 1).latents)
    assert not torch.equal(one.latents, made.batch(uses, 2).latents)
    mean = torch.stack([store.moments(use.index, False)[0] for use in uses])
    assert 0.08 < float((one.latents - mean).std()) < 0.12


def test_cached_and_uncached_latents_are_equal(pictures):
    store, encoder, _ = filled(pictures, flip_aug=True)
    settings = dataset_config(pictures, flip_aug=True, cache_latents=False)
    fresh = Batches(scan(settings), settings, batch_size=2, seed=7, encode_images=encoder)
    kept = batches(pictures, store, flip_aug=True)
    for uses in kept.epoch(1):
        assert torch.allclose(kept.batch(uses, 1).latents, fresh.batch(uses, 1).latents, atol=1e-6)


def where(pixels, side):
    """Which columns and rows of a picture by ``place_coloured`` these pixels are."""
    return [round(float(edge) * side / 2 + side / 2) for edge in (pixels[0, 0, 0], pixels[0, 0, -1], pixels[1, 0, 0])]


def place_coloured(size, side):
    """A picture whose red tells the column and green the row, in ``side`` steps."""
    x, y = numpy.meshgrid(*(numpy.arange(length) for length in size))
    colours = numpy.stack([x, y, 0 * x], -1) * (255 / side)
    return Image.fromarray(colours.round().astype(numpy.uint8))


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("flip", [False, True], ids=["", "mirrored"])
@pytest.mark.parametrize("by_chance", [False, True], ids=["", "by chance"])
@pytest.mark.parametrize("size", [(125, 64), (64, 125)], ids=["wide", "tall"])
def test_sdxl_is_told_the_crop_that_happened(tmp_path, size, by_chance, flip, scale):
    """Read off the pixels that reach the VAE: which column and row of the resized picture comes first."""
    (tmp_path / "40_x").mkdir()
    picture = place_coloured(size, 125).resize((size[0] * scale, size[1] * scale), Image.BILINEAR)
    picture.save(tmp_path / "40_x" / "a.png")
    settings = dataset_config(tmp_path, enable_bucket=False, cache_latents=False, random_crop=by_chance, flip_aug=flip)
    encoded = []

    def encode(pixels):
        encoded.append(pixels[0])
        return Encoder()(pixels)

    made = Batches(scan(settings), settings, batch_size=1, seed=3, encode_images=encode)
    sizes = [made.batch(uses, 1).sizes[0].tolist() for uses in made.epoch(1)]
    crops = set()
    for pixels, (height, width, top, left, target_height, target_width) in zip(encoded, sizes, strict=True):
        first, last, row = where(pixels, 125)
        mirrored = last < first
        column = size[0] - 1 - first if mirrored else first
        assert (height, width) == (size[1] * scale, size[0] * scale)
        assert (target_height, target_width) == (64, 64)
        assert max(abs(top - row), abs(left - column)) < scale
        crops.add((mirrored, top, left))
    assert len(crops) > (10 if by_chance else flip)
    assert {mirrored for mirrored, _, _ in crops} == {False, flip}


@pytest.mark.parametrize("flip", [False, True])
def test_sdxl_is_told_the_centre_of_kept_latents(pictures, flip):
    """85 pixels in 64: 10 are cut off on the left and 11 on the right, or the other way round."""
    for path in pictures.rglob("*.png"):
        Image.new("RGB", (85, 128)).save(path)
    store, _, _ = filled(pictures, resolution=(64, 128), enable_bucket=False, flip_aug=flip)
    made = batches(pictures, store, resolution=(64, 128), enable_bucket=False, flip_aug=flip)
    sizes = {
        tuple(row) for epoch in (1, 2) for uses in made.epoch(epoch) for row in made.batch(uses, epoch).sizes.tolist()
    }
    assert sizes == {(128, 85, 0, 10, 128, 64), *([(128, 85, 0, 11, 128, 64)] if flip else [])}


def batch_of_one(tmp_path, picture, **settings):
    """What reaches the VAE of a picture that is used once without kept latents, as levels."""
    (tmp_path / "1_x").mkdir()
    picture.save(tmp_path / "1_x" / "a.png")
    dataset = dataset_config(tmp_path, cache_latents=False, **settings)
    pixels_of_uses = []

    def encode(pixels):
        pixels_of_uses.append(pixels[0])
        return Encoder()(pixels)

    made = Batches(scan(dataset), dataset, batch_size=1, seed=3, encode_images=encode)
    for epoch in range(1, 13):
        made.batch(made.epoch(epoch)[0], epoch)
    return [tuple(((pixels[:, 0, 0] + 1) * 127.5).round().int().tolist()) for pixels in pixels_of_uses]


def test_transparent_picture_without_kept_latents_lies_on_the_chosen_colour(tmp_path):
    picture = Image.new("RGBA", (64, 64), (9, 9, 9, 0))
    assert set(batch_of_one(tmp_path, picture, alpha_color="#ff8000")) == {(255, 128, 0)}


def test_colours_vary_from_use_to_use_when_asked(tmp_path):
    """One use in three is changed, in one of two ways."""
    picture = Image.new("RGB", (64, 64), (200, 80, 40))
    found = batch_of_one(tmp_path, picture, color_aug=True)
    assert 3 < found.count((200, 80, 40)) < 12
    assert len(set(found)) > 2
    assert all(abs(one - other) < 30 for level in found for one, other in zip(level, (200, 80, 40), strict=True))
