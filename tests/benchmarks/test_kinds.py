import pytest
import torch

pytest.importorskip("lycoris", reason="LyCORIS is not installed")

from benchmarks import kinds  # noqa: E402


def test_every_kind_is_measured_on_each_layer_beside_lycoris(monkeypatch):
    small = {"linear": (lambda: torch.nn.Linear(24, 40), (1, 7, 24)),
             "conv3x3": (lambda: torch.nn.Conv2d(24, 40, 3), (1, 24, 5, 5))}  # fmt: skip
    monkeypatch.setattr(kinds, "LAYERS", small)
    found = {(way, layer): times for way, layer, times in kinds.measure(rounds=1)}
    assert {way for way, _ in found} == set(kinds.WAYS)
    assert {layer for way, layer in found if "Tucker" not in way} == set(small)
    for times in found.values():
        assert times["ours"] > 0
        assert times["theirs"] > 0
        assert 0 <= times["ours_kept"] < 100_000
