import pytest
import torch
from torch.nn import functional as F

from lib_train.networks.kron import _merging_pays, kron_conv, kron_delta, kron_linear


def drawn(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("sides", [(2, 5, 4, 3), (5, 2, 3, 4)])
@pytest.mark.parametrize("rows", [3, 90])
@pytest.mark.parametrize("layered", [True, False])
def test_kron_linear_is_the_layer_with_the_dense_product_added_and_passes_gradcheck(sides, rows, layered):
    o, i, p, q = sides
    x, first, second = drawn(rows, i * q), drawn(o, i, seed=1), drawn(p, q, seed=2)
    weight, bias = (drawn(o * p, i * q, seed=3), drawn(o * p, seed=4)) if layered else (None, None)
    assert _merging_pays(x, first, second) == (rows == 90)
    dense = 0.3 * torch.einsum("oi,pq->opiq", first, second).reshape(o * p, i * q)
    wanted = F.linear(x, dense if weight is None else weight + dense, bias)
    torch.testing.assert_close(kron_linear(x, weight, bias, first, second, 0.3), wanted)
    inputs = [tensor.requires_grad_() for tensor in (x, first, second)]
    assert torch.autograd.gradcheck(lambda x, a, b: kron_linear(x, weight, bias, a, b, 0.3), inputs, fast_mode=True)


@pytest.mark.parametrize("sides", [(2, 5, 4, 3), (5, 2, 3, 4), (3, 3, 4, 4)])
@pytest.mark.parametrize("stride", [1, 2])
def test_kron_conv_is_the_convolution_with_the_dense_product(sides, stride):
    o, i, p, q = sides
    x, first, second = drawn(2, i * q, 6, 5), drawn(o, i, seed=1), drawn(p, q, 3, 3, seed=2)
    dense = torch.einsum("oi,pqkl->opiqkl", first, second).reshape(o * p, i * q, 3, 3)
    torch.testing.assert_close(kron_delta(first, second), dense)
    layout = {"stride": stride, "padding": 1}
    torch.testing.assert_close(kron_conv(x, first, second, **layout), F.conv2d(x, dense, **layout))
