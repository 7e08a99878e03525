import argparse
import pickle
import random

import numpy
import pytest
import torch
from torch import nn

from lib_train.errors import ModelFileError, is_short_of_memory
from lib_train.pickled import pickled_tensors

X = torch.arange(6.0).reshape(2, 3)


@pytest.fixture(params=[True, False], ids=["zip", "older"])
def saved(request, tmp_path):
    def save(thing, name="a.ckpt"):
        torch.save(thing, tmp_path / name, _use_new_zipfile_serialization=request.param)
        return tmp_path / name

    return save


@pytest.mark.parametrize(
    "thing",
    [
        {"x": X},
        {"state_dict": {"x": X}, "epoch": 3},
        {"state_dict": {"state_dict": {"x": X}}},
        {"model": {"x": X}, "optimizer": {"step": 3}},
        {"x": X, "model": {"y": X}},
        {"x": X, 3: X, None: X, ("a", 1): X, b"y": X},
        {"x": X, "step": 3, "name": "a", "list": [X], "nothing": None},
        {"x": nn.Parameter(X)},
        {"x": X.to_sparse()},
        {"x": X, "y": torch.empty(3, device="meta")},
    ],
    ids=["plain", "state_dict", "nested", "model", "beside", "keys", "values", "parameter", "sparse", "meta"],
)
def test_tensors_are_found_wherever_the_file_keeps_them(saved, thing):
    found = pickled_tensors(saved(thing))
    assert list(found) == ["x"]
    assert torch.equal(found["x"], X)
    assert not found["x"].requires_grad


@pytest.mark.parametrize("name", ["a.ckpt", "a.safetensors", "a"])
def test_name_of_the_file_does_not_matter(saved, name):
    assert torch.equal(pickled_tensors(saved({"x": X}, name))["x"], X)


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        ([X, X], "a list of 2"), (X, "a Tensor"), (3, "a int"), ("text", "a str of 4"), (None, "a NoneType"),
        ({}, "an empty table"), ({"a": 1, "b": 2}, "a table of 'a', 'b'"), ({1: X}, "a table of 1"),
        ({"state_dict": {"state_dict": {}}}, "a table of 'state_dict'"),
        ({"state_dict": [X]}, "a table of 'state_dict'"),
    ],
)  # fmt: skip
def test_file_without_tensors_by_name_is_told_with_what_it_holds(saved, thing, told):
    with pytest.raises(ModelFileError, match=rf"a\.ckpt: holds no tensors by name \({told}\); choose a checkpoint"):
        pickled_tensors(saved(thing))


@pytest.mark.parametrize(
    ("thing", "foreign"),
    [
        ({"state_dict": {"x": X}, "args": argparse.Namespace(lr=1)}, "argparse.Namespace"),
        ({"x": numpy.ones(3)}, r"numpy[\w.]*\.multiarray\._reconstruct"),
        ({"x": pytest.Mark}, "_pytest.mark.structures.Mark"),
        (torch.nn.Sequential(torch.nn.Linear(2, 2)), "torch.nn.modules.container.Sequential"),
        ({"x": getattr}, r"(builtins|__builtin__).getattr"),
    ],
    ids=["training program", "numpy", "class", "whole module", "function"],
)
def test_what_would_run_code_is_named_in_our_words(saved, thing, foreign):
    message = rf"a\.ckpt: holds more than tensors \({foreign}\), .*choose a .safetensors file of the same model"
    with pytest.raises(ModelFileError, match=message) as caught:
        pickled_tensors(saved(thing))
    assert not any(word in str(caught.value) for word in ("weights_only", "Weights only", "torch.load", "PyTorch"))


def test_complex_tensors_are_named(saved):
    with pytest.raises(ModelFileError, match="holds tensors of the type complex64"):
        pickled_tensors(saved({"x": torch.ones(2, dtype=torch.complex64)}))


@pytest.mark.parametrize("content", [pickle.dumps([1], 4), pickle.dumps({"x": 1}, 2), b"\x80\x02.", b"\x80\x04"])
def test_plain_pickle_is_told_without_torchs_words(tmp_path, content):
    (tmp_path / "a.ckpt").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"a\.ckpt: (is cut short or damaged|holds no tensors)") as caught:
        pickled_tensors(tmp_path / "a.ckpt")
    assert "weights_only" not in str(caught.value)


def test_damage_anywhere_gives_a_sentence_or_tensors(saved):
    """300 copies with bytes changed, left out or cut off."""
    path, chance = saved({"state_dict": {"x": X, "y": torch.zeros(40)}, "epoch": 3}), random.Random(1)
    whole = path.read_bytes()
    for _ in range(300):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        if chance.random() < 0.2:
            del changed[chance.randrange(len(changed)) :]
        path.write_bytes(changed)
        try:
            pickled_tensors(path)
        except ModelFileError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017 - most of the copies fail, not all
        except (MemoryError, RuntimeError) as error:
            assert is_short_of_memory(error)  # noqa: PT017 - the same
