import pytest
import torch
from torch import nn

from lib_train.host.shared.faults import vae_fault
from lib_train.networks.finite import not_finite


@pytest.fixture
def vae():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_weights_that_are_no_numbers_make_a_broken_vae_in_any_format(vae, dtype):
    vae[1].bias.data[0] = torch.nan
    fault = vae_fault(vae, "a.vae.pt", dtype, "way out")
    assert fault == (
        "the VAE in a.vae.pt is broken, 1 of its tensors hold NaN or infinity (1.bias): take another copy, or choose "
        "another VAE"
    )


def test_float32_suffices_for_every_vae_that_is_whole(vae):
    fault = vae_fault(vae, "a.vae.pt", torch.float32, "way out")
    assert fault.startswith("the VAE in a.vae.pt is broken, its weights are numbers")
    assert "way out" not in fault


def test_half_precision_overflows_and_the_host_tells_the_way_out(vae):
    fault = vae_fault(vae, "a.vae.pt", torch.float16, "have it in float32")
    assert fault == "the VAE in a.vae.pt overflows in half precision (float16): have it in float32"


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2])
def test_nan_and_infinity_are_found_in_every_format(kind):
    tensors = [("a", torch.ones(3).to(kind)), ("b", torch.tensor([1.0, torch.inf]).to(kind)), ("c", torch.tensor([2]))]
    assert not_finite([*tensors, ("d", torch.tensor([torch.nan]).to(kind))]) == ["b", "d"]
