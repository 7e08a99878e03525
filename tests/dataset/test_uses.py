from dataclasses import replace

import pytest
from PIL import Image

from lib_train.dataset.batches import Batches, captions_of
from lib_train.dataset.latents import LatentStore
from lib_train.dataset.uses import uses_of
from lib_train.pictures.scan import scan
from tests.dataset.encoders import Encoder, dataset_config


def test_surplus_regularisation_pictures_are_neither_encoded_nor_kept(pictures, tmp_path):
    reg = tmp_path / "reg" / "1_cat"
    reg.mkdir(parents=True)
    for number in range(20):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(reg / f"{number:02}.png")
        (reg / f"{number:02}.txt").write_text(f"cat {number}")
    settings = dataset_config(pictures, reg_data_dir=(str(reg.parent),))
    found = scan(settings)
    store = LatentStore(found.pictures, settings, "vae", None)
    assert list(store.fill(Encoder()))[-1] == (9, 9)  # three pictures, twice each, and six beside them
    assert len(captions_of(found, settings)) == 9
    made = Batches(found, settings, batch_size=2, seed=1, latents=store)
    assert all(made.batch(uses, 1).captions for uses in made.epoch(1))


def test_regularisation_pictures_fill_up_to_the_training_uses_and_carry_their_weight(pictures):
    settings = dataset_config(pictures, reg_data_dir=(str(pictures),))
    found = scan(settings)
    counts = [sum(use.index == index for use in uses_of(found.pictures)) for index in range(6)]
    assert counts == [2, 2, 2, 2, 2, 2]
    scarce = [replace(p, repeats=1) if p.is_reg else replace(p, repeats=3) for p in found.pictures[:4]]
    assert [sum(use.index == index for use in uses_of(scarce)) for index in range(4)] == [3, 3, 3, 9]
    made = Batches(found, settings, batch_size=2, seed=1, encode_images=Encoder(), prior_loss_weight=0.3)
    weights = {weight for uses in made.epoch(1) for weight in made.batch(uses, 1).loss_weights.tolist()}
    assert sorted(weights) == pytest.approx([0.3, 1.0])
    assert made.train_uses == 6
