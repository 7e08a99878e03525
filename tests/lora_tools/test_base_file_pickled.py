"""Base models that torch.save wrote: every tool reads them as it reads safetensors, and runs nothing of them."""

import os

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import read_network
from lib_train.config.tools import ExtractConfig, MergeConfig
from lib_train.errors import ModelFileError
from lib_train.lora_tools.base_file import base_weights, opened_base
from lib_train.lora_tools.extract import extract
from lib_train.lora_tools.into import merge_into
from tests.lora_tools.networks import lora, written

LAYERS = {
    "lora_unet_mid_block_attentions_0_proj_in": (64, 64, 1, 1),
    "lora_unet_mid_block_resnets_0_conv1": (64, 64, 3, 3),
}


@pytest.fixture
def both(checkpoints, tmp_path):
    """The same checkpoint as safetensors and as .ckpt, with every type and one that is no block of memory."""
    tensors = load_file(checkpoints["sd1"])
    kinds = {torch.float16: "half", torch.bfloat16: "bfloat16", torch.int64: "long", torch.bool: "bool"}
    tensors |= {f"extra.{name}": torch.tensor([[0, 1, 1]]).to(kind) for kind, name in kinds.items()}
    tensors |= {"extra.one": torch.tensor(3), "extra.turned": torch.arange(6.0).view(2, 3)}
    path = tmp_path / "base.safetensors"
    save_file(tensors, path)
    turned = torch.arange(6.0).view(2, 3).t().contiguous().t()
    pickled = {"state_dict": tensors | {"extra.turned": turned}, "epoch": 3}
    torch.save(pickled, tmp_path / "base.ckpt")
    return path, tmp_path / "base.ckpt"


def test_layers_have_the_same_weights_in_both(both):
    plain, pickled = both
    with opened_base(plain) as one, opened_base(pickled) as other:
        assert one.family == other.family
        assert one.places == other.places
        assert all(torch.equal(one.weight(name), other.weight(name)) for name in one.places)
    with base_weights(pickled) as weights:
        assert weights is not None
        assert weights("lora_unet_mid_block_resnets_0_conv1").dtype == torch.float32


def test_a_merge_into_either_gives_the_same_safetensors_file(both, tmp_path):
    file = written(tmp_path / "a.safetensors", lora(shapes=LAYERS))
    found = []
    for place, base in enumerate(both):
        to = tmp_path / f"merged{place}.safetensors"
        outcome = merge_into([file], base, to, MergeConfig(weights=(0.5,)))
        found.append((load_file(to), outcome.after.norm, outcome.after.precision))
    (one, *told), (other, *told_of_other) = found
    assert told == told_of_other
    assert one.keys() == other.keys()
    for key, tensor in one.items():
        assert (other[key].dtype, other[key].shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(other[key], tensor)
    assert other["extra.turned"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_the_difference_of_two_is_extracted_whichever_kind_they_are(both, tmp_path):
    plain, pickled = both
    file = written(tmp_path / "a.safetensors", lora(shapes=LAYERS))
    tuned, tuned_too = tmp_path / "tuned.safetensors", tmp_path / "tuned.ckpt"
    merge_into([file], plain, tuned, MergeConfig())
    torch.save(load_file(tuned), tuned_too)
    results = []
    for place, pair in enumerate([(plain, tuned), (pickled, tuned), (plain, tuned_too), (pickled, tuned_too)]):
        to = tmp_path / f"out{place}.safetensors"
        extract(*pair, to, ExtractConfig(rank=4, conv_rank=4))
        results.append(read_network(to)[0])
    for other in results[1:]:
        assert other.keys() == results[0].keys()
        assert all(torch.equal(other[key], tensor) for key, tensor in results[0].items())


class Mine:
    def __reduce__(self):
        return os.mkdir, ("ran",)


def test_nothing_of_a_pickle_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {}, "x": Mine()}, "bad.ckpt")
    with pytest.raises(ModelFileError, match="bad.ckpt: holds more than tensors .*mkdir.*without running code"):
        with opened_base(tmp_path / "bad.ckpt"):
            pass
    assert not (tmp_path / "ran").exists()


def test_a_pickle_that_is_no_checkpoint_is_refused(tmp_path):
    torch.save({"x": torch.ones(2)}, tmp_path / "other.ckpt")
    with pytest.raises(ModelFileError, match="other.ckpt: is no whole checkpoint .*.safetensors or .ckpt"):
        with opened_base(tmp_path / "other.ckpt"):
            pass
