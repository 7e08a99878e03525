"""Norms, shares and ranks are those of the dense updates."""

import pytest
import torch

from lib_train.judging.sizes import sizes_by_block
from tests.fake_model import FakeModel
from tests.judging.made import network_on


@pytest.mark.parametrize("kind", ["lora", "loha", "dora"])
def test_size_of_a_block_is_that_of_its_dense_updates(kind):
    model = FakeModel(levels=2)
    network = network_on(model, network_type=kind, conv_dim=2, conv_alpha=2)
    found = sizes_by_block(network)
    blocks = {update.target.block for update in network.layers.values()}
    assert found.keys() == blocks | {""}
    for block in (*blocks, ""):
        updates = [one for one in network.layers.values() if block in (one.target.block, "")]
        with torch.no_grad():
            deltas = [one.delta().double() for one in updates]
        squares = [float(one.square().sum()) for one in deltas]
        weights = sum(float(one.target.weight.double().square().sum()) for one in updates)
        ranks = [square / float(torch.linalg.matrix_norm(one.flatten(1), 2)) ** 2
                 for square, one in zip(squares, deltas, strict=True)]  # fmt: skip
        assert found[block].norm == pytest.approx(sum(squares) ** 0.5, rel=1e-5)
        assert found[block].share == pytest.approx((sum(squares) / weights) ** 0.5, rel=1e-5)
        mean = sum(square * rank for square, rank in zip(squares, ranks, strict=True)) / sum(squares)
        assert found[block].stable_rank == pytest.approx(mean, rel=0.02)


def test_a_fresh_network_has_no_size():
    whole = sizes_by_block(network_on(FakeModel(), std=0))[""]
    assert (whole.norm, whole.share, whole.stable_rank) == (0, 0, 0)
