import pytest
import torch

from lib_train.networks.finite import not_finite

KINDS = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nan_is_found_in_every_number_format(kind):
    tensors = {"sound": [1.0, -2.0, 0.0], "broken": [1.0, torch.nan, 0.0]}
    assert not_finite((name, torch.tensor(values).to(kind)) for name, values in tensors.items()) == ["broken"]


@pytest.mark.parametrize("kind", KINDS[:4] + KINDS[5:], ids=str)
def test_infinity_is_found_where_a_format_has_it(kind):
    assert not_finite([("a", torch.tensor([torch.inf]).to(kind)), ("b", torch.tensor([-torch.inf]).to(kind))]) == [
        "a",
        "b",
    ]


def test_large_numbers_and_whole_ones_are_finite():
    largest = {kind: torch.tensor([torch.finfo(kind).max], dtype=torch.float64).to(kind) for kind in KINDS}
    whole = {kind: torch.ones(2, dtype=kind) for kind in (torch.int8, torch.uint8, torch.bool, torch.int64)}
    assert not_finite((str(kind), tensor) for kind, tensor in (largest | whole).items()) == []
