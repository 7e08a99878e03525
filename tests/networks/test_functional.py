import pytest
import torch
from torch.nn import functional as F

from lib_train.networks.functional import _merging_pays, compute_type, lora_delta, lora_linear, lora_update

FEW_ROWS, MANY_ROWS = (2, 5), (2, 300)
"""Rows before and after the point where the update is merged into the weight for a layer of this size."""


def drawn(*shape, dtype=torch.float32, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def layer(rows, dtype=torch.float32):
    """x, weight, bias, down, up of a layer 24 -> 40 with rank 3."""
    return [
        drawn(*size, dtype=dtype, seed=n) for n, size in enumerate([(*rows, 24), (40, 24), (40,), (3, 24), (40, 3)])
    ]


@pytest.mark.parametrize("rows", [FEW_ROWS, MANY_ROWS, (7,), (2, 3, 4)])
@pytest.mark.parametrize("with_bias", [True, False])
def test_lora_linear_equals_a_layer_with_the_dense_update_added(rows, with_bias):
    x, weight, bias, down, up = layer(rows)
    bias = bias if with_bias else None
    dense = F.linear(x, weight + lora_delta(up, down, 0.05), bias)
    torch.testing.assert_close(lora_linear(x, weight, bias, down, up, 0.05), dense, atol=1e-5, rtol=1e-5)
    plain = F.linear(x, weight, bias) + lora_update(x, down, up, 0.05)
    torch.testing.assert_close(plain, dense, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("rows", [FEW_ROWS, MANY_ROWS])
def test_lora_linear_has_the_gradients_of_the_dense_formula(rows):
    x, weight, bias, down, up = layer(rows, torch.float64)
    wanted = [t.clone().requires_grad_() for t in (x, down, up)]
    F.linear(wanted[0], weight + lora_delta(wanted[2], wanted[1], 0.7), bias).sin().sum().backward()
    found = [t.clone().requires_grad_() for t in (x, down, up)]
    lora_linear(found[0], weight, bias, found[1], found[2], 0.7).sin().sum().backward()
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("rows", [(3,), (60,)])
@pytest.mark.parametrize("x_needs_gradient", [True, False])
def test_lora_linear_passes_gradcheck(rows, x_needs_gradient):
    weight, bias = drawn(4, 6, dtype=torch.float64), drawn(4, dtype=torch.float64)
    x, down, up = (
        drawn(*rows, 6, dtype=torch.float64),
        drawn(2, 6, dtype=torch.float64),
        drawn(4, 2, dtype=torch.float64),
    )
    assert _merging_pays(x, weight) == (rows[0] == 60)
    inputs = (x.requires_grad_(x_needs_gradient), down.requires_grad_(), up.requires_grad_())
    assert torch.autograd.gradcheck(lambda x, down, up: lora_linear(x, weight, bias, down, up, 0.3), inputs)


def test_lora_linear_takes_gradients_that_do_not_lie_in_a_row():
    x, weight, bias, down, up = layer((4, 5))
    down.requires_grad_()
    lora_linear(x, weight, bias, down, up, 0.5).permute(2, 0, 1).pow(2).sum().backward()
    found, down.grad = down.grad, None
    (F.linear(x, weight, bias) + lora_update(x, down, up, 0.5)).pow(2).sum().backward()
    torch.testing.assert_close(found, down.grad, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize(("side", "stride", "padding"), [(1, 1, 0), (3, 1, 1), (3, 2, 1)])
def test_lora_update_equals_the_dense_update_of_a_convolution(side, stride, padding):
    x, down, up = drawn(2, 6, 9, 8), drawn(3, 6, side, side, seed=1), drawn(5, 3, 1, 1, seed=2)
    dense = F.conv2d(x, lora_delta(up, down, 0.05), stride=stride, padding=padding)
    torch.testing.assert_close(
        lora_update(x, down, up, 0.05, stride=stride, padding=padding), dense, atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("rows", [FEW_ROWS, MANY_ROWS])
@pytest.mark.parametrize("weight_type", [torch.float32, torch.bfloat16])
def test_lora_linear_follows_autocast(rows, weight_type):
    x, weight, bias, down, up = layer(rows)
    x.requires_grad_()
    down.requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        out = lora_linear(x, weight.to(weight_type), bias.to(weight_type), down, up, 0.5)
        plain = F.linear(x, weight, bias) + lora_update(x, down, up, 0.5)
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out, plain, atol=0.4, rtol=0.03)
    out.float().sum().backward()
    assert x.grad.dtype == down.grad.dtype == torch.float32


def test_updates_are_never_merged_into_sixteen_bits():
    assert not _merging_pays(torch.zeros(300, 24, dtype=torch.bfloat16), torch.zeros(40, 24, dtype=torch.bfloat16))
    weight = torch.full((1, 1), 1.0, dtype=torch.bfloat16)
    tiny = torch.full((1, 1), 2.0**-10, dtype=torch.bfloat16)  # lost when added to 1 in bf16
    x = torch.cat([torch.ones(50), -torch.ones(50)])[:, None].to(torch.bfloat16)
    bias = torch.full((1,), -1.0, dtype=torch.bfloat16)
    out = lora_linear(x, weight, bias, tiny, torch.ones_like(tiny), 1.0)
    assert out[0].item() == 2.0**-10


def test_compute_type_is_autocasts_where_it_is_on():
    x = torch.zeros(1)
    assert compute_type(x) == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert compute_type(x) == torch.bfloat16
        assert compute_type(x.double()) == torch.float64
        with torch.autocast("cpu", enabled=False):
            assert compute_type(x) == torch.float32
