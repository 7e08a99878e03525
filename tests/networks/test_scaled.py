"""A low-rank update of a weight with scaled inputs is what the whole weight would compute."""

import pytest
import torch
from torch.nn import functional as F

from lib_train.networks.scaled import norms_of_sum, scaled_layer, squares_of

SHAPES = {
    "linear": ((40, 24), (3, 7, 24), {}),
    "linear of four axes": ((40, 24), (2, 3, 7, 24), {}),
    "conv1x1": ((20, 12, 1, 1), (2, 12, 6, 5), {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}),
    "conv3x3": ((20, 12, 3, 3), (2, 12, 6, 5), {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}),
    "conv3x3, stride 2": ((20, 12, 3, 3), (2, 12, 6, 5), {"stride": (2, 2), "padding": (1, 1), "dilation": (1, 1)}),
}


def drawn(shape, into, dtype=torch.float64, size=0.3):
    chance = torch.Generator().manual_seed(5)

    def of(*sizes):
        return torch.randn(sizes, generator=chance, dtype=torch.float64).to(dtype)

    ones = (1,) * (len(shape) - 2)
    weight, down, up = of(*shape), of(4, *shape[1:]) * size, of(shape[0], 4, *ones) * size
    return weight, of(shape[0]), down, up, of(shape[1]) * 0.1 + 1, of(*into)


def whole(weight, down, up, share, scale, multiplier):
    delta = scale * torch.einsum("or,ri...->oi...", up.flatten(1), down)
    return weight + multiplier * ((weight + delta) * share.view(-1, *[1] * (weight.dim() - 2)) - weight)


@pytest.mark.parametrize("case", SHAPES)
@pytest.mark.parametrize("multiplier", [1.0, 0.4, -0.5])
def test_layer_and_its_gradients_are_those_of_the_whole_weight(case, multiplier):
    shape, into, layout = SHAPES[case]
    weight, bias, *trained = drawn(shape, into)
    down, up, share, x = (one.requires_grad_() for one in trained)
    apply = F.linear if len(shape) == 2 else F.conv2d
    found = scaled_layer(x, weight, bias, down, up, share, 0.7, multiplier, **layout)
    wanted = apply(x, whole(weight, down, up, share, 0.7, multiplier), bias, **layout)
    torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)
    towards = torch.randn(found.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for one, other in zip(
        torch.autograd.grad(found, trained, towards), torch.autograd.grad(wanted, trained, towards), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("case", SHAPES)
@pytest.mark.parametrize("size", [0.0, 1e-4, 0.3, 3.0])
def test_norms_are_those_of_the_sum_in_double_precision(case, size):
    shape, into, _ = SHAPES[case]
    weight, _, down, up, _, _ = drawn(shape, into, size=size)
    base = weight.float()
    found = norms_of_sum(base, squares_of(base), down.float(), up.float(), 0.7)
    delta = 0.7 * torch.einsum("or,ri...->oi...", up.flatten(1), down)
    wanted = (weight + delta).transpose(0, 1).flatten(1).norm(dim=1)
    torch.testing.assert_close(found.double(), wanted, rtol=2e-6, atol=0)


def test_small_updates_are_not_rounded_away_in_sixteen_bits():
    """1.001 is 1 in bf16."""
    weight, x = torch.tensor([[1.0, -1.0]]).bfloat16(), torch.ones(1, 2).bfloat16()
    share = torch.tensor([1.001, 1.0], requires_grad=True)
    found = scaled_layer(x, weight, None, torch.zeros(1, 2), torch.zeros(1, 1), share, 1.0, 1.0)
    assert found.dtype == torch.bfloat16
    assert found.item() == pytest.approx(0.001, rel=0.01)
    found.backward()
    assert share.grad is not None
    assert share.grad.tolist() == [1.0, -1.0]
