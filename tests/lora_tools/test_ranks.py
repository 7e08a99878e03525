import pytest
import torch

from lib_train.config.tools import SizeConfig
from lib_train.lora_tools import algebra
from lib_train.lora_tools.algebra import Decomposed, Delta, decomposed
from lib_train.lora_tools.ranks import asked, ranks_for

LINEAR, KERNEL = Delta((8, 9), torch.ones(8, 9)), Delta((8, 2, 3, 3), torch.ones(8, 18))
VALUES = torch.tensor([16.0, 8.0, 2.0, 1.0])


def kept(delta=LINEAR, values=VALUES, **settings):
    ranks = ranks_for({"x": delta}, SizeConfig(**settings), 0, 4)
    return ranks.most("x", delta), ranks.kept("x", delta, Decomposed(torch.ones(8, 4), values, torch.ones(4, 9)))


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"sv_ratio": 16}, 3),  # the one that is a sixteenth is none: kohya's tool counts one more
        ({"sv_ratio": 16.01}, 4), ({"sv_ratio": 1}, 1), ({"sv_ratio": 2.5}, 2),
        ({"sv_cumulative": 0.59}, 1), ({"sv_cumulative": 16 / 27}, 1), ({"sv_cumulative": 0.6}, 2),
        ({"sv_cumulative": 1}, 4), ({"sv_cumulative": 0}, 1),
        ({"sv_fro": (256 / 325) ** 0.5}, 1), ({"sv_fro": 0.9}, 2), ({"sv_fro": 1}, 4),
        ({"sv_fro": 1, "rank": 2}, 2), ({"sv_ratio": 1.5, "rank": 3}, 1),
    ],
)  # fmt: skip
def test_singular_values_are_kept_until_they_are_enough(settings, wanted):
    assert kept(**settings) == (None, wanted)


def test_rank_is_at_most_that_of_the_layer_and_convolutions_have_their_own():
    assert kept(rank=3) == (3, 3)
    assert kept(rank=9) == (9, 4)
    assert kept(KERNEL, rank=3) == (3, 3)
    assert kept(KERNEL, rank=3, conv_rank=2) == (2, 2)
    assert kept(LINEAR, conv_rank=2) == (None, 4)


def test_layer_without_numbers_keeps_one_rank():
    assert kept(values=torch.zeros(1), sv_ratio=16)[1] == 1
    assert kept(values=torch.zeros(1), sv_fro=0.9)[1] == 1


def test_what_was_asked_is_told_in_one_line():
    assert asked(SizeConfig(rank=8, sv_ratio=16)) == "rank 8, sv_ratio 16"


@pytest.mark.parametrize(
    ("settings", "parts"),
    [({"sv_ratio": 2}, 64), ({"sv_fro": 0.7}, 64), ({"sv_ratio": 100}, 300), ({"sv_cumulative": 0.1}, 300)],
)
def test_large_matrix_is_decomposed_only_as_far_as_is_needed(settings, parts):
    random = torch.Generator().manual_seed(0)
    left, right = (torch.linalg.qr(torch.randn(300, 300, generator=random, dtype=torch.float64))[0] for _ in "lr")
    values = torch.exp(-torch.arange(300) / 40).double()
    delta = Delta((300, 300), (left * values @ right).float())
    ranks = ranks_for({"x": delta}, SizeConfig(**settings), 0, 4)
    parted = decomposed(delta, ranks.most("x", delta), ranks.enough)
    found = ranks.kept("x", delta, parted)
    if "sv_ratio" in settings:
        wanted = int((values * settings["sv_ratio"] > values[0]).sum())
    elif "sv_fro" in settings:
        wanted = int((values.square().cumsum(0) < settings["sv_fro"] ** 2 * values.square().sum()).sum()) + 1
    else:
        wanted = int((values.cumsum(0) < settings["sv_cumulative"] * values.sum()).sum()) + 1
    assert found == wanted
    assert len(parted.values) == parts


@pytest.mark.parametrize(
    ("settings", "drawn"),
    [({"sv_ratio": 100}, [4]), ({"sv_fro": 0.99}, [4]), ({"sv_cumulative": 0.1}, [4]), ({"sv_ratio": 1.1}, [4, 32])],
)
def test_subspaces_that_are_surely_too_small_are_not_drawn(monkeypatch, settings, drawn):
    """A LoHa's singular values are near to each other: two draws cost as much as the whole decomposition."""
    random, asked_for, draw = torch.Generator().manual_seed(0), [], algebra._drawn
    monkeypatch.setattr(algebra, "_drawn", lambda matrix, rank: (asked_for.append(rank), draw(matrix, rank))[1])
    loha = torch.randn(2, 300, 32, generator=random) @ torch.randn(2, 32, 300, generator=random)
    delta = Delta((300, 300), loha[0] * loha[1])
    ranks = ranks_for({"x": delta}, SizeConfig(**settings), 0, 4)
    decomposed(delta, ranks.most("x", delta), ranks.enough, ranks.fewest)
    assert asked_for == drawn


@pytest.mark.parametrize("settings", [{"sv_ratio": n} for n in (1, 1.5, 4)] + [{"sv_fro": n} for n in (0.3, 1)])
@pytest.mark.parametrize("decay", [0.0, 0.01, 0.5])
def test_fewest_ranks_are_never_more_than_are_kept(settings, decay):
    values = torch.exp(-decay * torch.arange(8.0))
    ranks = ranks_for({"x": LINEAR}, SizeConfig(**settings), 0, 4)
    assert ranks.fewest(float(values.square().sum()), float(values[0]), 8) <= kept(values=values, **settings)[1] + 1e-6
