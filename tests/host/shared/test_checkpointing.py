import pytest
import torch
from torch import nn

from lib_train.host.shared.checkpointing import checkpointed


class Block(nn.Module):
    """Counts how often it computes."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 4).requires_grad_(False)
        self.calls = 0

    def forward(self, x: torch.Tensor, *, factor: float = 1.0) -> torch.Tensor:
        self.calls += 1
        return torch.tanh(self.inner(x)) * factor


@pytest.fixture
def block():
    torch.manual_seed(1)
    return Block()


def gradient(block, **options):
    x = torch.ones(2, 4, requires_grad=True)
    block(x, **options).sum().backward()
    return x.grad


@pytest.mark.parametrize("options", [{}, {"factor": 2.0}])
def test_named_modules_compute_twice_with_equal_gradients(block, options):
    plain = gradient(block, **options)
    block.calls = 0
    with checkpointed([nn.Sequential(block)], ["Block"]):
        assert torch.equal(gradient(block, **options), plain)
    assert block.calls == 2


def test_modules_of_other_names_and_passes_without_gradients_compute_once(block):
    with checkpointed([block], ["Other"]):
        gradient(block)
    with checkpointed([block], ["Block"]), torch.no_grad():
        block(torch.ones(2, 4))
    assert block.calls == 2


@pytest.mark.parametrize("patched", [False, True])
def test_forward_that_was_there_before_is_there_afterwards_also_after_an_error(block, patched):
    if patched:
        block.forward = block.forward
    before = dict(vars(block))
    with pytest.raises(ZeroDivisionError), checkpointed([block], ["Block"]):
        assert "forward" in vars(block)
        raise ZeroDivisionError
    assert vars(block) == before
