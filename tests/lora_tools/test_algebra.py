import pytest
import torch

from lib_train.lora_tools.algebra import Delta, decomposed, singular_values, summed
from tests.lora_tools.networks import chance


def thin(out=40, into=60, rank=6, seed=0, dtype=torch.float32):
    random = chance(seed)
    up = torch.randn(out, rank, generator=random, dtype=torch.float64)
    down = torch.randn(rank, into, generator=random, dtype=torch.float64)
    return Delta((out, into), down.to(dtype), up.to(dtype))


def whole(delta):
    return Delta(delta.shape, delta.matrix())


@pytest.mark.parametrize("as_whole", [False, True])
@pytest.mark.parametrize(("out", "into"), [(40, 60), (60, 40), (5, 60)])
def test_singular_values_are_those_of_the_dense_matrix(as_whole, out, into):
    delta = thin(out, into)
    wanted = torch.linalg.svdvals(delta.matrix().double())[: min(6, out)]
    found = singular_values(whole(delta) if as_whole else delta).double()
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("as_whole", [False, True])
@pytest.mark.parametrize(("out", "into"), [(40, 60), (60, 40), (5, 60)])
def test_cut_is_the_best_approximation_of_its_rank_and_tells_what_it_lost(as_whole, out, into):
    delta = thin(out, into)
    matrix = delta.matrix().double()
    values = torch.linalg.svdvals(matrix)
    parted = decomposed(whole(delta) if as_whole else delta)
    for rank in (1, 3):
        up, down = parted.cut(rank)
        off = float((matrix - up.double() @ down.double()).square().sum())
        assert off == pytest.approx(float(values[rank:].square().sum()), rel=1e-4)
        assert parted.lost(rank) == pytest.approx(off, rel=1e-4)
        torch.testing.assert_close(up.norm(), down.norm())
    assert parted.lost(6) < 1e-9 * parted.square


def test_large_matrix_is_cut_from_a_drawn_subspace_nearly_as_well_as_from_all():
    random = chance()
    matrix = torch.randn(200, 300, generator=random) * torch.linspace(1, 0.1, 300).exp()
    best = torch.linalg.svdvals(matrix.double())[8:].square().sum().sqrt()
    parted = decomposed(Delta((200, 300), matrix), 8)
    up, down = parted.cut(8)
    off = (matrix.double() - up.double() @ down.double()).norm()
    assert len(parted.values) == 16
    assert 1 - 1e-6 <= off / best < 1.01
    assert parted.lost(8) ** 0.5 == pytest.approx(float(off), rel=1e-3)
    assert torch.equal(decomposed(Delta((200, 300), matrix), 8).cut(8)[0], up)


def test_nothing_has_one_rank_of_zeros():
    parted = decomposed(Delta((5, 7), torch.zeros(3, 7), torch.zeros(5, 3)))
    assert len(parted.values) == 1
    assert [one.abs().sum() for one in parted.cut(1)] == [0, 0]
    assert len(singular_values(Delta((5, 7), torch.zeros(5, 7)))) == 1


@pytest.mark.parametrize("as_whole", [False, True])
def test_sum_is_that_of_the_matrices_and_keeps_thin_ones_thin(as_whole):
    one, other = thin(seed=1), thin(seed=2, rank=3)
    total = summed([one.times(0.5), (whole(other) if as_whole else other).times(-2.0)])
    wanted = one.matrix().double() / 2 - other.matrix().double() * 2
    torch.testing.assert_close(total.matrix().double(), wanted, rtol=1e-4, atol=1e-4)
    assert (total.up is None) == as_whole
    assert as_whole or total.down.shape[0] == 9


@pytest.mark.parametrize("rank", [3, 50])
def test_square_is_that_of_the_dense_matrix(rank):
    delta = thin(rank=rank)
    assert delta.square() == pytest.approx(float(delta.matrix().double().square().sum()), rel=1e-5)


def test_duplicates_in_a_product_are_no_ranks():
    delta = thin()
    twice = summed([delta, delta])
    assert len(decomposed(twice).values) == len(singular_values(twice)) == 6
