from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.host.protocol import BaseModelRef, PictureRequest
from lib_train.pictures.records import Picture
from lib_train.previews.class_pictures import bucket_sizes_of, class_pictures, identity_of
from lib_train.previews.variants import Wildcards

CONFIG = RegularisationConfig(
    class_word="girl", class_prompt="(1girl:1.2), {standing|sitting|lying}<lora:x:1>", num_class_images=30, class_seed=7
)
SIZES = {(64, 64): 6, (64, 128): 3, (128, 64): 1}
BARE = Wildcards([], "class_prompt")


def made(sizes=SIZES, **changes):
    return class_pictures(replace(CONFIG, **changes), sizes, 2, BARE)


def test_each_picture_has_the_next_seed_and_no_lora():
    found = [one.request for one in made()]
    assert [one.seed for one in found] == list(range(7, 37))
    assert {one.prompt for one in found} == {f"(1girl:1.2), {pose}" for pose in ("standing", "sitting", "lying")}
    assert {(one.network, one.clip_skip, one.sampler, one.steps) for one in found} == {(None, 2, "Euler a", 20)}
    assert made(class_seed=2**32 - 1)[1].request.seed == 0


def test_sizes_are_those_of_the_buckets_in_their_proportion():
    found = [(one.request.width, one.request.height) for one in made()]
    assert Counter(found) == {(64, 64): 18, (64, 128): 9, (128, 64): 3}
    assert Counter(found[:10]) == {(64, 64): 6, (64, 128): 3, (128, 64): 1}
    assert {(one.request.width, one.request.height) for one in made(class_width=256, class_height=64)} == {(256, 64)}


def test_more_pictures_begin_with_the_same_ones():
    assert made(num_class_images=50)[:30] == made()


def test_pose_is_that_of_the_seed_whatever_seed_comes_first():
    assert [one.request.prompt for one in made(class_seed=9)][:28] == [one.request.prompt for one in made()][2:]


@pytest.mark.parametrize(("by", "caption"), [("prompt", {"1girl, standing"}), ("class", {"girl"})])
def test_captions_are_the_prompt_in_plain_words_or_the_class(by, caption):
    assert {one.caption for one in made(class_caption=by) if "standing" in one.request.prompt} == caption


def test_buckets_are_counted_by_the_uses_of_training_pictures():
    def picture(width, height, repeats, is_reg=False):
        return Picture(path=Path("a.png"), caption="", width=width, height=height, repeats=repeats, folder="1_a",
                       is_reg=is_reg)  # fmt: skip

    pictures = [picture(512, 512, 2), picture(600, 600, 1), picture(500, 1000, 4), picture(1000, 500, 9, True)]
    dataset = DatasetConfig(resolution=(512,))
    assert bucket_sizes_of(pictures, dataset) == {(512, 512): 3, (320, 704): 4}
    assert bucket_sizes_of([], replace(dataset, resolution=(512, 256))) == {(512, 256): 1}


def test_picture_is_another_one_with_another_model_or_request():
    one, ref = made()[0].request, BaseModelRef("a.safetensors", Path("a.safetensors"))
    known = {identity_of(one, ref), identity_of(one, ref._replace(title="b")),
             identity_of(one, ref._replace(vae=Path("v.pt")))}  # fmt: skip
    for changes in ({"prompt": "x"}, {"negative_prompt": "x"}, {"seed": 1}, {"sampler": "DDIM"}, {"steps": 9},
                    {"cfg_scale": 9.0}, {"width": 8}, {"height": 8}, {"clip_skip": 1}):  # fmt: skip
        known.add(identity_of(replace(one, **changes), ref))
    assert len(known) == 12


def test_identity_is_that_of_before_schedules_and_second_networks(tmp_path):
    request = PictureRequest(prompt="a", seed=3)
    assert identity_of(request, BaseModelRef("m", tmp_path / "m")) == (
        '{"background": [], "cfg_scale": 7.0, "clip_skip": 1, "height": 512, "model": "m", "negative_prompt": "", '
        '"prompt": "a", "sampler": "Euler a", "seed": 3, "steps": 20, "vae": "", "width": 512}'
    )
