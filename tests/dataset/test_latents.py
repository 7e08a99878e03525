import os

import pytest
import torch
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.batches import Batches
from lib_train.dataset.latents import LatentStore, at_once
from lib_train.errors import DatasetError
from lib_train.pictures.scan import scan
from tests.dataset.encoders import Encoder, dataset_config, filled


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
    settings = dataset_config(pictures, flip_aug=True)
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
    settings = dataset_config(pictures)
    store = LatentStore(scan(settings).pictures, settings, "vae", None)
    Image.new("RGB", (32, 64)).save(pictures / "2_mochi" / "0.png")
    with pytest.raises(DatasetError, match=r"0\.png: was replaced by a picture of another size"):
        list(store.fill(Encoder()))
    (pictures / "2_mochi" / "0.png").unlink()
    with pytest.raises(DatasetError, match=r"0\.png: .*No such file"):
        list(store.fill(Encoder()))


def test_nan_latents_name_their_picture(pictures):
    def encoder(pixels):
        return pixels[:, :, ::8, ::8] * torch.nan, pixels[:, :, ::8, ::8]

    with pytest.raises(DatasetError, match=r"\.png: its latents are NaN or infinite; the VAE or its number format"):
        filled(pictures, encoder=encoder)
    settings = dataset_config(pictures)
    made = Batches(scan(settings), settings, batch_size=2, seed=7, encode_images=encoder, why=lambda: "because")
    with pytest.raises(DatasetError, match=r"\.png: its latents are NaN or infinite; because"):
        made.batch(made.epoch(1)[0], 1)


@pytest.mark.parametrize("text", ["[]", "3", '{"a": 1}', '{"a": ["x"]}', "{", ""])
def test_damaged_list_of_contents_is_made_anew(pictures, tmp_path, text):
    config = DatasetConfig(train_data_dir=(str(pictures),), resolution=(64,), min_bucket_reso=64)
    found = scan(config).pictures
    for _ in range(2):
        store = LatentStore(found, config, "vae", tmp_path / "cache")
        list(store.fill(lambda pixels: (pixels[:, :1, ::8, ::8].repeat(1, 4, 1, 1),) * 2))
        assert not store.missing()
        (tmp_path / "cache" / "contents.json").write_text(text)
