"""Optimizers on each device: the same steps as on a CPU, flat storage, exact states."""

import pytest
import torch
from torch import nn

from lib_train.config.training import OPTIMIZERS
from lib_train.optim.optimizers import KINDS, create
from lib_train.optim.state import load_state, state_tensors

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of the packages
SHAPES = {"unet": [(64, 96), (96, 64), (16, 8, 3, 3)], "text_encoder": [(64, 80)]}  # 8 bits begin at 4096 numbers


def made(name, device):
    chance = torch.Generator().manual_seed(0)
    parts = {
        part: [nn.Parameter(torch.randn(shape, generator=chance).to(device)) for shape in shapes]  # type: ignore[attr-defined]
        for part, shapes in SHAPES.items()
    }
    rates = dict.fromkeys(SHAPES, 1.0) if KINDS[name].finds_rate else {"unet": 1e-2, "text_encoder": 1e-3}
    return parts, create(name, parts, rates, {"weight_decay": 0.1})


def trained(parts, optimizer, steps):
    for step in steps:
        sum((p.sin() * (place + step + 1)).sum() for of in parts.values() for place, p in enumerate(of)).backward()
        optimizer.step()
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad.zero_()
    return [parameter.detach().cpu().clone() for of in parts.values() for parameter in of]


@pytest.fixture(params=OPTIMIZERS)
def name(request, device):
    kind = KINDS[request.param]
    if kind.needs_cuda and device.type != "cuda":
        pytest.skip("works on an NVIDIA GPU alone")
    if not kind.module.startswith("torch"):
        pytest.importorskip(kind.module.partition(".")[0])
    return request.param


def test_steps_equal_those_of_the_plain_one_on_a_cpu(name, device):
    """8-bit optimizers against their whole-number brothers, within what eight bits of state lose."""
    start = [parameter.detach().clone() for of in made(name, device)[0].values() for parameter in of]
    ours = trained(*made(name, device), range(4))  # type: ignore[call-arg]
    theirs = trained(*made(name.removesuffix("8bit"), torch.device("cpu")), range(4))  # type: ignore[call-arg]
    for got, wanted, before in zip(ours, theirs, start, strict=True):
        moved = (wanted - before.cpu()).abs().mean()
        assert moved > 0
        assert (got - wanted).abs().mean() < moved * (0.1 if name.endswith("8bit") else 1e-3)


def test_resumed_optimizer_goes_on_exactly(name, device):
    parts, optimizer = made(name, device)
    trained(parts, optimizer, range(3))
    tensors, facts = state_tensors(optimizer)
    tensors = {key: tensor.cpu().clone() for key, tensor in tensors.items()}
    again, second = made(name, device)
    with torch.no_grad():
        for mine, theirs in zip(again.values(), parts.values(), strict=True):
            for one, other in zip(mine, theirs, strict=True):
                one.copy_(other)
    load_state(second, tensors, facts)
    pairs = zip(trained(parts, optimizer, [3, 4]), trained(again, second, [3, 4]), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_adamw_is_fused_on_flat_storage_and_keeps_its_state_where_the_weights_are(device):
    parts, optimizer = made("AdamW", device)
    trained(parts, optimizer, range(2))
    fuses = device.type == "cuda" or hasattr(torch, "get_autocast_dtype")  # on a CPU since torch 2.4, as this name
    for group, (_, views) in zip(optimizer.param_groups, parts.items(), strict=True):
        (flat,) = group["params"]
        assert bool(group["fused"]) is fuses
        assert flat.numel() == sum(view.numel() for view in views)
        assert flat.data_ptr() == views[0].data_ptr()
        kept = optimizer.state[flat]
        assert {kept[key].device.type for key in ("exp_avg", "exp_avg_sq")} == {device.type}
