import hashlib
import os
from dataclasses import replace
from typing import Any

import numpy
import pytest
import torch
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.batches import Batches, captions_of
from lib_train.dataset.contexts import ContextStore
from lib_train.dataset.latents import LatentStore, at_once
from lib_train.dataset.uses import uses_of
from lib_train.errors import DatasetError
from lib_train.pictures.scan import scan


def config(pictures, **settings):
    sizes: dict[str, Any] = {
        "resolution": (64,),
        "min_bucket_reso": 32,
        "max_bucket_reso": 128,
        "bucket_reso_steps": 32,
    }
    return DatasetConfig(train_data_dir=(str(pictures),), **(sizes | settings))


class Encoder:
    """Stands for a VAE: latents are the mean colours of 8 x 8 blocks; counts its calls."""

    def __init__(self):
        self.sizes = []

    def __call__(self, pixels):
        self.sizes.append(tuple(pixels.shape))
        mean = torch.nn.functional.avg_pool2d(pixels, 8)
        mean = torch.cat([mean, mean[:, :1]], 1)
        return mean, torch.full_like(mean, 0.1)


def filled(pictures, folder=None, key="vae", encoder=None, **settings):
    dataset = config(pictures, **settings)
    store = LatentStore(scan(dataset).pictures, dataset, key, folder)
    encoder = encoder or Encoder()
    progress = list(store.fill(encoder))
    return store, encoder, progress


def test_latents_are_encoded_in_batches_of_one_size_with_progress(pictures):
    store, encoder, progress = filled(pictures, vae_batch_size=4)
    assert sorted(size[0] for size in encoder.sizes) == [1, 2]
    assert progress[-1] == (3, 3)
    assert store.missing() == []


@pytest.mark.parametrize(
    ("bucket", "setting", "count"),
    [((512, 512), 4, 4), ((128, 128), 4, 4), ((768, 768), 4, 1), ((1024, 1024), 4, 1), ((1024, 1024), 16, 4),
     ((512, 768), 4, 2), ((2048, 2048), 1, 1)],
)  # fmt: skip
def test_fewer_large_pictures_are_encoded_together(bucket, setting, count):
    assert at_once(bucket, setting) == count


def test_pictures_of_sdxls_size_are_encoded_one_by_one(pictures):
    _, encoder, _ = filled(pictures, resolution=(1024,), max_bucket_reso=1024, enable_bucket=False)
    assert encoder.sizes == [(1, 3, 1024, 1024)] * 3


def test_mirrored_latents_are_kept_when_asked(pictures):
    store, _, progress = filled(pictures, flip_aug=True)
    assert progress[-1] == (6, 6)
    assert torch.allclose(store.moments(2, True)[0], store.moments(2, False)[0].flip(-1), atol=1e-6)


def test_files_serve_a_second_run_and_are_made_anew_when_anything_changes(pictures, tmp_path):
    cache = tmp_path / "cache"
    first, _, _ = filled(pictures, cache)
    second, encoder, progress = filled(pictures, cache)
    assert (encoder.sizes, progress) == ([], [])
    assert torch.equal(first.moments(0, False)[0], second.moments(0, False)[0])
    assert len(filled(pictures, cache, key="other vae")[2]) > 0
    picture = pictures / "2_mochi" / "0.png"
    Image.new("RGB", (64, 64), "white").save(picture)
    changed, _, progress = filled(pictures, cache)
    assert progress[-1] == (1, 1)
    assert not torch.equal(first.moments(0, False)[0], changed.moments(0, False)[0])


def test_damaged_cache_file_is_made_anew(pictures, tmp_path):
    cache = tmp_path / "cache"
    first, _, _ = filled(pictures, cache)
    for file in cache.glob("*.safetensors"):
        file.write_bytes(file.read_bytes()[:50])
    again, _, progress = filled(pictures, cache)
    assert progress[-1] == (3, 3)
    assert torch.equal(first.moments(1, False)[1], again.moments(1, False)[1])


def test_cache_is_rebuilt_beside_foreign_files_when_its_index_is_spoilt(pictures, tmp_path):
    cache = tmp_path / "cache"
    filled(pictures, cache)
    (cache / "contents.json").write_text('["not an index"]')
    (cache / "notes.txt").write_text("mine")
    (cache / "mine.safetensors").write_text("mine too")
    assert filled(pictures, cache)[2] == []
    assert [(cache / name).read_text() for name in ("notes.txt", "mine.safetensors")] == ["mine", "mine too"]


@pytest.mark.parametrize(
    "changed",
    [{"alpha_color": "#000000"}, {"resolution": (96,)}, {"enable_bucket": False}, {"key": "other vae"}],
    ids=lambda changed: next(iter(changed)),
)
def test_latents_of_other_settings_are_not_taken(pictures, tmp_path, changed):
    filled(pictures, tmp_path / "cache")
    _, _, progress = filled(pictures, tmp_path / "cache", **changed)
    assert progress
    assert filled(pictures, tmp_path / "cache")[2] == []  # those of before are kept beside them


def test_two_runs_at_once_fill_one_cache(pictures, tmp_path):
    settings = config(pictures, flip_aug=True)
    stores = [LatentStore(scan(settings).pictures, settings, "vae", tmp_path) for _ in range(2)]
    runs = [store.fill(Encoder()) for store in stores]
    for _ in range(9):  # step by step in turn
        for run in runs:
            next(run, None)
    assert [store.missing() for store in stores] == [[], []]
    assert filled(pictures, tmp_path, flip_aug=True)[2] == []


def test_picture_replaced_while_encoding_is_not_kept_under_its_old_content(pictures, tmp_path):
    picture = pictures / "2_mochi" / "0.png"

    def encode(pixels):
        Image.new("RGB", (64, 64), "white").save(picture)
        os.utime(picture, ns=(1, 1))
        return Encoder()(pixels)

    filled(pictures, tmp_path / "cache", encoder=encode)
    assert filled(pictures, tmp_path / "cache")[2][-1] == (1, 1)


def test_picture_that_changed_its_size_or_went_away_is_named(pictures):
    settings = config(pictures)
    store = LatentStore(scan(settings).pictures, settings, "vae", None)
    Image.new("RGB", (32, 64)).save(pictures / "2_mochi" / "0.png")
    with pytest.raises(DatasetError, match=r"0\.png: was replaced by a picture of another size"):
        list(store.fill(Encoder()))
    (pictures / "2_mochi" / "0.png").unlink()
    with pytest.raises(DatasetError, match=r"0\.png: .*No such file"):
        list(store.fill(Encoder()))


def test_surplus_regularisation_pictures_are_neither_encoded_nor_kept(pictures, tmp_path):
    reg = tmp_path / "reg" / "1_cat"
    reg.mkdir(parents=True)
    for number in range(20):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(reg / f"{number:02}.png")
        (reg / f"{number:02}.txt").write_text(f"cat {number}")
    settings = config(pictures, reg_data_dir=(str(reg.parent),))
    found = scan(settings)
    store = LatentStore(found.pictures, settings, "vae", None)
    assert list(store.fill(Encoder()))[-1] == (9, 9)  # three pictures, twice each, and six beside them
    assert len(captions_of(found, settings)) == 9
    made = Batches(found, settings, batch_size=2, seed=1, latents=store)
    assert all(made.batch(uses, 1).captions for uses in made.epoch(1))


def test_nan_latents_name_their_picture(pictures):
    def encoder(pixels):
        return pixels[:, :, ::8, ::8] * torch.nan, pixels[:, :, ::8, ::8]

    with pytest.raises(DatasetError, match=r"\.png: its latents are NaN or infinite; the VAE or its number format"):
        filled(pictures, encoder=encoder)
    settings = config(pictures)
    made = Batches(scan(settings), settings, batch_size=2, seed=7, encode_images=encoder, why=lambda: "because")
    with pytest.raises(DatasetError, match=r"\.png: its latents are NaN or infinite; because"):
        made.batch(made.epoch(1)[0], 1)


def batches(pictures, store, **settings):
    dataset = config(pictures, **settings)
    return Batches(scan(dataset), dataset, batch_size=2, seed=7, latents=store)


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
    settings = config(pictures, flip_aug=True, cache_latents=False)
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
    settings = config(tmp_path, enable_bucket=False, cache_latents=False, random_crop=by_chance,
                      flip_aug=flip)  # fmt: skip
    seen = []

    def encode(pixels):
        seen.append(pixels[0])
        return Encoder()(pixels)

    made = Batches(scan(settings), settings, batch_size=1, seed=3, encode_images=encode)
    told = [made.batch(uses, 1).sizes[0].tolist() for uses in made.epoch(1)]
    crops = set()
    for pixels, (height, width, top, left, target_height, target_width) in zip(seen, told, strict=True):
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
    told = {
        tuple(row) for epoch in (1, 2) for uses in made.epoch(epoch) for row in made.batch(uses, epoch).sizes.tolist()
    }
    assert told == {(128, 85, 0, 10, 128, 64), *([(128, 85, 0, 11, 128, 64)] if flip else [])}


def test_regularisation_pictures_fill_up_to_the_training_uses_and_carry_their_weight(pictures):
    settings = config(pictures, reg_data_dir=(str(pictures),))
    found = scan(settings)
    counts = [sum(use.index == index for use in uses_of(found.pictures)) for index in range(6)]
    assert counts == [2, 2, 2, 2, 2, 2]
    scarce = [replace(p, repeats=1) if p.is_reg else replace(p, repeats=3) for p in found.pictures[:4]]
    assert [sum(use.index == index for use in uses_of(scarce)) for index in range(4)] == [3, 3, 3, 9]
    made = Batches(found, settings, batch_size=2, seed=1, encode_images=Encoder(), prior_loss_weight=0.3)
    weights = {weight for uses in made.epoch(1) for weight in made.batch(uses, 1).loss_weights.tolist()}
    assert sorted(weights) == pytest.approx([0.3, 1.0])
    assert made.train_uses == 6


def encode(captions):
    longest = max(1, *(len(caption) for caption in captions))
    return torch.stack([torch.full((longest, 2), float(len(caption))) for caption in captions]), None


def test_each_distinct_caption_is_encoded_once_and_kept_on_disk(tmp_path):
    store = ContextStore(["a", "bb", "a"], "key", tmp_path)
    assert list(store.fill(encode))[-1] == (3, 3)  # the empty caption too
    assert list(ContextStore(["a", "bb"], "key", tmp_path).fill(encode)) == []
    assert list(ContextStore(["a"], "other", tmp_path).fill(encode))[-1] == (2, 2)
    for file in tmp_path.iterdir():
        file.write_bytes(b"broken")
    assert list(ContextStore(["a"], "key", tmp_path).fill(encode))[-1] == (2, 2)


def test_progress_of_captions_is_told_after_each_sixteen_and_at_the_end(tmp_path):
    store = ContextStore([str(number) for number in range(35)], "key", None)
    told = []
    for done, total in store.fill(encode):
        told.append((done, total))
        store.condition([str(number) for number in range(done - 1)])  # the empty one is the first
    assert told == [(16, 36), (32, 36), (36, 36)]


def test_kept_files_have_the_names_that_earlier_runs_gave_them(pictures, tmp_path):
    """Else everything is encoded again, and the older files stay behind."""
    list(ContextStore(["a"], "key", tmp_path / "text").fill(encode))
    names = {hashlib.sha256(repr(("key", caption)).encode()).hexdigest()[:40] for caption in ("", "a")}
    assert {file.stem for file in (tmp_path / "text").iterdir()} == names
    filled(pictures, tmp_path / "cache", flip_aug=True)
    content = hashlib.sha256((pictures / "2_mochi" / "0.png").read_bytes()).hexdigest()
    for side in (False, True):
        parts = (3, "vae", content, (64, 64), (64, 64), side, "#ffffff")
        name = hashlib.sha256(repr(parts).encode()).hexdigest()[:40]
        assert (tmp_path / "cache" / f"{name}.safetensors").exists()


def test_pooled_outputs_of_sdxl_are_kept_on_disk_too(tmp_path):
    def with_pooled(captions):
        return encode(captions)[0], torch.full((len(captions), 3), float(len(captions[0])))

    list(ContextStore(["a", "bb"], "key", tmp_path).fill(with_pooled))
    again = ContextStore(["a", "bb"], "key", tmp_path)
    assert list(again.fill(with_pooled)) == []
    assert again.condition(["bb", "a"])[1].tolist() == [[2.0] * 3, [1.0] * 3]


def test_captions_of_different_length_come_as_one_batch_filled_with_the_empty_one():
    store = ContextStore(["a", "bb"], "key", None)
    list(store.fill(encode))
    context, pooled = store.condition(["a", "bb"])
    assert context[:, :, 0].tolist() == [[1, 0], [2, 2]]
    assert store.condition(["a"])[0][:, :, 0].tolist() == [[1]]
    assert pooled is None


def test_captions_to_encode_are_those_that_batches_ask_for(pictures):
    settings = config(pictures, caption_prefix="x", drop_tags=("blue",))
    found = scan(settings)
    store = ContextStore(captions_of(found, settings), "key", None)
    list(store.fill(encode))
    made = Batches(found, settings, batch_size=2, seed=7, contexts=store, encode_images=Encoder())
    for uses in made.epoch(1):
        batch = made.batch(uses, 1)
        assert batch.captions[0] == f"x, mochi, number {uses[0].index}"
        assert batch.context is not None


@pytest.mark.parametrize("text", ["[]", "3", '{"a": 1}', '{"a": ["x"]}', "{", ""])
def test_damaged_list_of_contents_is_made_anew(pictures, tmp_path, text):
    config = DatasetConfig(train_data_dir=(str(pictures),), resolution=(64,), min_bucket_reso=64)
    found = scan(config).pictures
    for _ in range(2):
        store = LatentStore(found, config, "vae", tmp_path / "cache")
        list(store.fill(lambda pixels: (pixels[:, :1, ::8, ::8].repeat(1, 4, 1, 1),) * 2))
        assert not store.missing()
        (tmp_path / "cache" / "contents.json").write_text(text)
