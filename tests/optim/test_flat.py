import pytest
import torch
from torch import nn

from lib_train.optim.flat import clip_, flatten


def parameters(seed=0):
    chance = torch.Generator().manual_seed(seed)
    return [nn.Parameter(torch.randn(shape, generator=chance)) for shape in [(3, 4), (5,), (2, 3, 1, 1), (4, 4)]]


def loss_of(used, factor=1.0):
    return factor * sum((parameter * (place + 1)).sin().sum() for place, parameter in enumerate(used))


def test_flat_parameter_shares_memory_with_its_views_and_keeps_their_values():
    views, before = parameters(), parameters()
    flat = flatten(views)
    assert flat.shape == (sum(p.numel() for p in before),)
    assert all(torch.equal(view, old) for view, old in zip(views, before, strict=True))
    flat.data.fill_(2.0)
    assert all((view == 2.0).all() for view in views)
    assert all(view.is_contiguous() and view.requires_grad and view.is_leaf for view in views)


def gradient_of(parameter):
    assert parameter.grad is not None
    return parameter.grad


def test_gradients_of_the_views_add_up_in_the_flat_one():
    views, alone = parameters(), parameters()
    flat = flatten(views)
    held = [view.grad for view in views]
    for factor in (1.0, 0.5):
        loss_of(views, factor).backward()
        loss_of(alone, factor).backward()
    torch.testing.assert_close(flat.grad, torch.cat([p.grad.flatten() for p in alone]))
    assert all(view.grad is gradient for view, gradient in zip(views, held, strict=True))
    gradient_of(flat).zero_()
    assert not any(view.grad.any() for view in views)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.SGD])
def test_an_optimizer_on_the_flat_parameter_moves_all_as_one_on_each_would(kind, fused):
    views, alone = parameters(), parameters()
    flat = flatten(views)
    one, many = kind([flat], lr=0.1, weight_decay=0.1, fused=fused), kind(alone, lr=0.1, weight_decay=0.1, fused=fused)
    for step in range(5):
        loss_of(views, step).backward()
        loss_of(alone, step).backward()
        one.step()
        many.step()
        gradient_of(flat).zero_()
        many.zero_grad(set_to_none=False)
    for view, other in zip(views, alone, strict=True):
        torch.testing.assert_close(view, other)


def test_a_parameter_without_gradient_in_a_step_stays_while_the_others_move():
    views, before = parameters(), parameters()
    flat = flatten(views)
    optimizer = torch.optim.AdamW([flat], lr=0.1, weight_decay=0.0)
    loss_of(views[:2]).backward()
    optimizer.step()
    moved = [not torch.equal(view, old) for view, old in zip(views, before, strict=True)]
    assert moved == [True, True, False, False]
    gradient_of(flat).zero_()
    loss_of(views[2:]).backward()
    assert gradient_of(flat)[:17].eq(0).all()
    assert all(view.grad.any() for view in views[2:])


@pytest.mark.parametrize("largest", [0.5, 1e6])
def test_clipping_flat_gradients_equals_clipping_each(largest):
    views, alone = parameters(), parameters()
    halves = [flatten(views[:2]), flatten(views[2:])]
    loss_of(views).backward()
    loss_of(alone).backward()
    norm = clip_([half.grad for half in halves], largest)  # type: ignore[misc]
    torch.testing.assert_close(norm, nn.utils.clip_grad_norm_(alone, largest))
    for view, other in zip(views, alone, strict=True):
        torch.testing.assert_close(view.grad, other.grad)
