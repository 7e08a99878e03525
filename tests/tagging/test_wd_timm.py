"""A tiny ViT as a WD v3 tagger is published."""

import json
import sys

import numpy
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from lib_train.errors import MissingPackage, ModelFileError
from lib_train.tagging.found import recognised
from lib_train.tagging.preprocess import for_wd_timm
from tests.tiny_taggers import WD_TAGS, write_selected_tags


def pictures():
    noise = numpy.random.default_rng(1).integers(0, 256, (30, 50, 3), dtype=numpy.uint8)
    return [Image.fromarray(noise), Image.new("RGB", (20, 64), "red")]


def test_scores_are_the_model_s_own_sigmoids(timm, wd_file):
    config = json.loads((wd_file.parent / "config.json").read_text())
    args = {"global_pool": "avg", "num_classes": len(WD_TAGS), **config["model_args"]}
    model = timm.create_model(config["architecture"], **args).eval()
    model.load_state_dict(load_file(wd_file))
    half = (0.5, 0.5, 0.5)
    with torch.no_grad():
        wanted = model(torch.from_numpy(for_wd_timm(pictures(), 32, half, half))).sigmoid().numpy()
    tagger = recognised(wd_file).opened("cpu")
    found = tagger.scores(pictures())
    assert numpy.array_equal(found, wanted)
    assert found.shape == (2, len(WD_TAGS))
    assert found.dtype == numpy.float32
    assert [label.name for label in tagger.labels] == [name for name, _ in WD_TAGS]
    assert numpy.abs(found[0] - found[1]).max() > 0.01


def test_opening_leaves_the_global_chance(wd_file):
    before = torch.get_rng_state()
    recognised(wd_file).opened("cpu")
    assert torch.equal(torch.get_rng_state(), before)


def test_missing_timm_is_named(wd_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingPackage, match="a WD tagger as safetensors needs the package timm"):
        recognised(wd_file).opened("cpu")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"architecture": "vit_of_tomorrow"}, "Unknown model"),
        ({"architecture": None}, "cannot build this model"),
        ({"model_args": {"depth": "many"}}, "cannot build this model"),
        ({"num_classes": 3}, "holds 6 tags, and the model beside it knows 3"),
        (
            {"model_args": {"img_size": 32, "embed_dim": 32, "depth": 1, "num_heads": 2, "class_token": False}},
            "model.safetensors: ",
        ),
    ],
)
def test_config_of_another_model_is_named(wd_file, change, why):
    path = wd_file.parent / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ModelFileError, match=why) as error:
        recognised(wd_file).opened("cpu")
    assert "\n" not in str(error.value)


def test_damaged_weights_are_named(wd_file):
    for content in (b"", b"no safetensors", wd_file.read_bytes()[:-100]):
        wd_file.write_bytes(content)
        with pytest.raises(ModelFileError, match=r"model\.safetensors: cannot be used as weights"):
            recognised(wd_file).opened("cpu")


def test_weights_of_a_lora_are_named(wd_file):
    save_file({"lora_unet.lora_down.weight": torch.zeros(2, 2)}, wd_file)
    with pytest.raises(ModelFileError, match="cannot be used as weights of the model in its config.json"):
        recognised(wd_file).opened("cpu")


def test_list_of_fewer_tags_is_refused(wd_file):
    write_selected_tags(wd_file.parent, WD_TAGS[:3])
    with pytest.raises(ModelFileError, match="holds 3 tags, and the model beside it knows 6"):
        recognised(wd_file).opened("cpu")
