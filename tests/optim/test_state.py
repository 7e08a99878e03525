import json

import pytest
import torch
from torch import nn

from lib_train.config.training import OPTIMIZERS
from lib_train.optim.optimizers import KINDS, create
from lib_train.optim.state import load_state, state_tensors

ARGS = {"AdamW": {"betas": [0.8, 0.95]}, "SGD": {"momentum": 0.9},
        "Prodigy": {"use_bias_correction": True, "slice_p": 2}, "AdamWScheduleFree": {"warmup_steps": 5}}  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of the packages


def made(name):
    chance = torch.Generator().manual_seed(0)
    parts = {"unet": [(3, 4), (4, 3)], "text_encoder": [(2, 5)]}
    groups = {part: [nn.Parameter(torch.randn(s, generator=chance)) for s in of] for part, of in parts.items()}
    rate = 1.0 if KINDS[name].finds_rate else 1e-2
    return groups, create(name, groups, dict.fromkeys(parts, rate), ARGS.get(name, {}))  # type: ignore[arg-type]


def run(groups, optimizer, steps):
    for step in steps:
        sum((p.sin() * (step + 1)).sum() for ps in groups.values() for p in ps).backward()
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] / (step + 1)
        optimizer.step()
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad.zero_()
    return [p.detach().clone() for ps in groups.values() for p in ps]


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if not KINDS[name].needs_cuda])
def test_optimizer_goes_on_bit_for_bit_after_its_state_went_through_json(name):
    groups, optimizer = made(name)
    half = run(groups, optimizer, range(3))
    tensors, facts = state_tensors(optimizer)
    tensors, facts = {key: tensor.clone() for key, tensor in tensors.items()}, json.loads(json.dumps(facts))
    expected = run(groups, optimizer, range(3, 7))

    again, other = made(name)
    for parameter, value in zip(sum(again.values(), []), half, strict=True):
        parameter.data.copy_(value)
    load_state(other, tensors, facts)
    assert all(torch.equal(a, b) for a, b in zip(run(again, other, range(3, 7)), expected, strict=True))


def test_loaded_state_shares_no_memory_with_what_was_given():
    groups, optimizer = made("AdamW")
    run(groups, optimizer, range(2))
    tensors, facts = state_tensors(optimizer)
    again, other = made("AdamW")
    load_state(other, tensors, facts)
    before = {key: tensor.clone() for key, tensor in tensors.items()}
    run(again, other, range(2, 4))
    assert tensors.keys() == before.keys()
    assert all(torch.equal(tensors[key], before[key]) for key in tensors)


def test_state_that_cannot_be_written_down_is_not_left_out_in_silence():
    _, optimizer = made("SGD")
    optimizer.param_groups[0]["schedule"] = object()
    with pytest.raises(AssertionError, match="schedule"):
        state_tensors(optimizer)
